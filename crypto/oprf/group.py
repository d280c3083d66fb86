"""Computes in the prime-order group ristretto255 (RFC 9496) as RFC 9497 uses it: takes and returns bytes.

Elements and scalars are their canonical 32-byte encodings. libsodium reads 32 (or 64) bytes whatever the length, so
this module checks each length. libsodium takes the identity, scalars >= L and (in some versions) a spare top bit; this
module refuses them, and everything for which libsodium answers -1.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Final

from crypto.errors import BadElement, BadInput, BadScalar
from crypto.oprf.sodium import sodium

L: Final = 2**252 + 27742317777372353535851937790883648493
"""The order of the group (RFC 9496, section 4)."""

ELEMENT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
UNIFORM_BYTES: Final = 64
IDENTITY: Final = bytes(ELEMENT_BYTES)
GENERATOR: Final = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")

_Buffer: Final = ctypes.c_char * 32
_TOP_BYTE_MAX: Final = 0x7F
_REFUSED: Final = "not the canonical encoding of a group element, or the identity"


def multiply(scalar: bytes, element: bytes) -> bytes:
    """Compute `scalar * element`; refuse a bad scalar, an encoding that is not canonical, and the identity."""
    if element is GENERATOR:
        # libsodium has a table for it, which gives the same product in a third of the time.
        return multiply_base(scalar)
    check_scalar(scalar)
    _check_form(element)
    out = _Buffer()
    # libsodium answers -1 for an invalid encoding and for the identity as a result, which only the identity gives.
    if sodium().scalarmult(out, scalar, element) != 0:
        raise BadElement(_REFUSED)
    return out.raw


def multiply_base(scalar: bytes) -> bytes:
    """`ScalarMultGen(scalar)` (RFC 9497, section 2.1)."""
    check_scalar(scalar)
    out = _Buffer()
    _accept(sodium().scalarmult_base(out, scalar))
    return out.raw


def sum_of_products(scalars: Sequence[bytes], elements: Sequence[bytes]) -> bytes:
    """Compute the sum of `scalar * element` over all pairs in constant time; refuse as `multiply` does."""
    if len(scalars) != len(elements):
        raise BadInput("a sum of products has as many scalars as elements")
    total = IDENTITY
    for scalar, element in zip(scalars, elements, strict=True):
        product = multiply(scalar, element)
        # Skip an addition to the identity, the first one: it would cost a third of a multiplication.
        total = product if total == IDENTITY else add(total, product)
    return total


def sum_of_public_products(scalars: Sequence[bytes], elements: Sequence[bytes]) -> bytes:
    """Compute `sum_of_products` of scalars that everybody may know: time may tell them.

    This is the seam for a multiscalar multiplication in variable time: every sum of a proof's verification, and the
    composite of its making, comes through here and no secret does. libsodium has none, so that each pair costs a
    multiplication in constant time; curve25519-dalek's `vartime_multiscalar_mul` takes a fifth of that. Nobody
    maintains a wheel of it. Where one is installed, call it here; it has to refuse what `multiply` refuses.
    """
    return sum_of_products(scalars, elements)


def add(a: bytes, b: bytes) -> bytes:
    """Compute `a + b`. Both may be the identity, since sums begin with it; `multiply` refuses it."""
    _check_form(a)
    _check_form(b)
    out = _Buffer()
    _accept(sodium().add(out, a, b))
    return out.raw


def subtract(a: bytes, b: bytes) -> bytes:
    """Compute `a - b`; both may be the identity, as in `add`."""
    _check_form(a)
    _check_form(b)
    out = _Buffer()
    _accept(sodium().sub(out, a, b))
    return out.raw


def hash_to_element(uniform: bytes) -> bytes:
    """Map 64 uniform bytes to an element by the one-way map of RFC 9496, section 4.3.4."""
    if len(uniform) != UNIFORM_BYTES:
        raise BadElement(f"the map to the group takes {UNIFORM_BYTES} bytes")
    out = _Buffer()
    _accept(sodium().from_hash(out, uniform))
    return out.raw


def check_element(element: bytes) -> None:
    """`DeserializeElement` (RFC 9497, section 4.1): canonical, on the group, not the identity."""
    _check_form(element)
    if element == IDENTITY or sodium().is_valid_point(element) != 1:
        raise BadElement(_REFUSED)


def check_scalar(scalar: bytes) -> None:
    """`DeserializeScalar` (RFC 9497, section 4.1), which also refuses 0: no key, blind or proof is 0."""
    if len(scalar) != SCALAR_BYTES:
        raise BadScalar(f"a scalar has {SCALAR_BYTES} bytes")
    if not 0 < int.from_bytes(scalar, "little") < L:
        raise BadScalar("the scalar is not in [1, L - 1]")


def random_scalar(random: Callable[[int], bytes]) -> bytes:
    """Make a uniform non-zero scalar by wide reduction of 64 random bytes (RFC 9497, section 4.7.2)."""
    while True:
        scalar = scalar_reduce(random(UNIFORM_BYTES))
        if scalar != bytes(SCALAR_BYTES):
            return scalar


def scalar_reduce(uniform: bytes) -> bytes:
    """Reduce 64 bytes, read as a little-endian number, modulo L."""
    if len(uniform) != UNIFORM_BYTES:
        raise BadScalar(f"a scalar is reduced from {UNIFORM_BYTES} bytes")
    out = _Buffer()
    sodium().scalar_reduce(out, uniform)
    return out.raw


def scalar_from_int(value: int) -> bytes:
    """Reduce a public number, such as a share's index, modulo L. Pass no secret: Python's time varies."""
    return (value % L).to_bytes(SCALAR_BYTES, "little")


def scalar_add(a: bytes, b: bytes) -> bytes:
    """Compute `a + b` modulo L."""
    _check_scalar_length(a)
    _check_scalar_length(b)
    out = _Buffer()
    sodium().scalar_add(out, a, b)
    return out.raw


def scalar_sub(a: bytes, b: bytes) -> bytes:
    """Compute `a - b` modulo L."""
    _check_scalar_length(a)
    _check_scalar_length(b)
    out = _Buffer()
    sodium().scalar_sub(out, a, b)
    return out.raw


def scalar_mul(a: bytes, b: bytes) -> bytes:
    """Compute `a * b` modulo L."""
    _check_scalar_length(a)
    _check_scalar_length(b)
    out = _Buffer()
    sodium().scalar_mul(out, a, b)
    return out.raw


def scalar_negate(a: bytes) -> bytes:
    """Compute `-a` modulo L."""
    _check_scalar_length(a)
    out = _Buffer()
    sodium().scalar_negate(out, a)
    return out.raw


def scalar_invert(a: bytes) -> bytes:
    """Compute `1 / a` modulo L (RFC 9497, section 2.1: ScalarInverse)."""
    check_scalar(a)
    out = _Buffer()
    _accept(sodium().scalar_invert(out, a))
    return out.raw


def _check_form(element: bytes) -> None:
    if len(element) != ELEMENT_BYTES:
        raise BadElement(f"a group element has {ELEMENT_BYTES} bytes")
    # libsodium 1.0.18 ignores the top bit, which would give each element a second spelling (RFC 9496, section 4.3.1).
    if element[-1] > _TOP_BYTE_MAX:
        raise BadElement(_REFUSED)


def _check_scalar_length(scalar: bytes) -> None:
    if len(scalar) != SCALAR_BYTES:
        raise BadScalar(f"a scalar has {SCALAR_BYTES} bytes")


def _accept(status: int) -> None:
    if status != 0:
        raise BadElement(_REFUSED)
