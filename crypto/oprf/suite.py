"""Defines OPRF(ristretto255, SHA-512): constants and hash functions of RFC 9497, 4.1, and DeriveKeyPair (3.2.1)."""

import hashlib
from enum import IntEnum
from typing import Final

from crypto.errors import BadInput
from crypto.oprf.group import SCALAR_BYTES, UNIFORM_BYTES, hash_to_element, multiply_base, scalar_reduce

IDENTIFIER: Final = b"ristretto255-SHA512"
MAX_INPUT_BYTES: Final = 2**16 - 1
"""The longest PrivateInput and info: the RFC writes their lengths in two bytes (RFC 9497, sections 1.2 and 3.2.1)."""
SEED_BYTES: Final = 32
_MAX_COUNTER: Final = 255


class Mode(IntEnum):
    """The protocol variants of RFC 9497, section 3.1, that are built here."""

    OPRF = 0x00
    VOPRF = 0x01

    @property
    def context_string(self) -> bytes:
        """`CreateContextString(mode, identifier)`."""
        return b"OPRFV1-" + self.to_bytes(1, "big") + b"-" + IDENTIFIER


_HASH_TO_GROUP_DST: Final = {mode: b"HashToGroup-" + mode.context_string for mode in Mode}
_HASH_TO_SCALAR_DST: Final = {mode: b"HashToScalar-" + mode.context_string for mode in Mode}
_DERIVE_KEY_PAIR_DST: Final = {mode: b"DeriveKeyPair" + mode.context_string for mode in Mode}


def hash_to_group(msg: bytes, mode: Mode) -> bytes:
    """`HashToGroup` of RFC 9497, section 4.1 (hash_to_ristretto255 of RFC 9380, appendix B)."""
    return hash_to_element(expand_message_xmd(msg, _HASH_TO_GROUP_DST[mode]))


def hash_to_scalar(msg: bytes, mode: Mode) -> bytes:
    """`HashToScalar` of RFC 9497, section 4.1."""
    return scalar_reduce(expand_message_xmd(msg, _HASH_TO_SCALAR_DST[mode]))


def derive_key_pair(seed: bytes, info: bytes, mode: Mode) -> tuple[bytes, bytes]:
    """`DeriveKeyPair` (RFC 9497, section 3.2.1): (skS, pkS) from a 32-byte secret seed and public info."""
    if len(seed) != SEED_BYTES:
        raise BadInput(f"a seed has {SEED_BYTES} bytes")
    if len(info) > MAX_INPUT_BYTES:
        raise BadInput(f"info is longer than {MAX_INPUT_BYTES} bytes")
    deriveInput = seed + len(info).to_bytes(2, "big") + info
    for counter in range(_MAX_COUNTER + 1):
        uniform = expand_message_xmd(deriveInput + counter.to_bytes(1, "big"), _DERIVE_KEY_PAIR_DST[mode])
        skS = scalar_reduce(uniform)
        if skS != bytes(SCALAR_BYTES):
            return skS, multiply_base(skS)
    raise BadInput("no key can be derived from this seed")


# A block of zeros starts every expansion: compute its hash state once and copy it.
_Z_PAD: Final = hashlib.sha512(bytes(128))
_L_I_B_STR_AND_ZERO: Final = UNIFORM_BYTES.to_bytes(2, "big") + b"\x00"


def expand_message_xmd(msg: bytes, DST: bytes) -> bytes:
    """`expand_message_xmd(msg, DST, 64)` with SHA-512 (RFC 9380, section 5.3.1); 64 bytes are one block, ell = 1."""
    DST_prime = DST + len(DST).to_bytes(1, "big")
    b_0 = _Z_PAD.copy()
    b_0.update(msg + _L_I_B_STR_AND_ZERO + DST_prime)
    return hashlib.sha512(b_0.digest() + b"\x01" + DST_prime).digest()
