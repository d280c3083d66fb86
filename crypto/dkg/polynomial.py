"""Shares secrets by polynomials over the scalars (Shamir), with public commitments to the coefficients (Feldman 1987).

A polynomial f of degree t - 1 has the coefficients a_0 to a_(t-1), and the commitments phi_k = a_k * G. Its value at
the index j of a receiver is that receiver's part of a share. A dealer of a refresh has a_0 = 0, without a commitment.
The names are those of FROST's KeyGen (Komlo, Goldberg 2020, figure 1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from crypto.errors import BadElement, BadScalar, BadThreshold, ShareRefused
from crypto.oprf.group import (
    IDENTITY,
    SCALAR_BYTES,
    add,
    check_element,
    check_scalar,
    multiply_base,
    random_scalar,
    scalar_add,
    scalar_from_int,
    scalar_mul,
    sum_of_public_products,
)

MAX_SHARES: Final = 255
ZERO: Final = bytes(SCALAR_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polynomial:
    """The secret coefficients of one dealer, a_0 first; 32 bytes each."""

    coefficients: tuple[bytes, ...] = field(repr=False)

    @property
    def is_zero_sharing(self) -> bool:
        """Tell whether a_0 is 0, as in a refresh."""
        return self.coefficients[0] == ZERO

    def at(self, index: int) -> bytes:
        """Compute f(index) by Horner's rule; libsodium computes, since the coefficients are secret."""
        _check_index(index)
        x = scalar_from_int(index)
        value = self.coefficients[-1]
        for coefficient in reversed(self.coefficients[:-1]):
            value = scalar_add(scalar_mul(value, x), coefficient)
        return value

    def commitments(self) -> tuple[bytes, ...]:
        """Compute phi_0 to phi_(t-1); without phi_0 where a_0 is 0, since the identity is no element on the wire."""
        committed = self.coefficients[1:] if self.is_zero_sharing else self.coefficients
        return tuple(multiply_base(coefficient) for coefficient in committed)


def random_polynomial(threshold: int, random: Callable[[int], bytes], *, constant: bytes | None = None) -> Polynomial:
    """Choose a polynomial of degree threshold - 1, with a random constant or this one (`ZERO` for a refresh)."""
    if not 2 <= threshold <= MAX_SHARES:  # noqa: PLR2004 (at 1 each share would be the key)
        raise BadThreshold(f"a threshold is 2 to {MAX_SHARES}: at 1 each share would be the key")
    if constant is None:
        constant = random_scalar(random)
    elif constant != ZERO:
        check_scalar(constant)
    return Polynomial(coefficients=(constant, *(random_scalar(random) for _ in range(threshold - 1))))


def check_commitments(commitments: Sequence[bytes], threshold: int, *, is_zero_sharing: bool) -> None:
    """Refuse another number of commitments than the threshold asks for, and everything that is no element.

    Raises BadThreshold or BadElement. A further commitment would raise the degree, so that t shares would not do.
    """
    if len(commitments) != threshold - is_zero_sharing:
        raise BadThreshold("a dealer commits to exactly as many coefficients as the threshold")
    for commitment in commitments:
        check_element(commitment)


def committed_value(commitments: Sequence[bytes], index: int, *, is_zero_sharing: bool) -> bytes:
    """Compute f(index) * G from the commitments: the sum of index^k * phi_k.

    Raises BadElement for the identity: no honest dealer's value is 0, except with a chance of 2^-252.
    """
    _check_index(index)
    first = 1 if is_zero_sharing else 0
    powers = [scalar_from_int(index**power) for power in range(first, first + len(commitments))]
    value = sum_of_public_products(powers, commitments)
    if value == IDENTITY:
        raise BadElement("the commitments give the identity")
    return value


def verify_part(part: bytes, commitments: Sequence[bytes], index: int, *, is_zero_sharing: bool) -> None:
    """Check that `part` is f(index) of the committed polynomial; raises ShareRefused (Feldman's check)."""
    try:
        check_scalar(part)
        agrees = multiply_base(part) == committed_value(commitments, index, is_zero_sharing=is_zero_sharing)
    except (BadScalar, BadElement):
        agrees = False
    if not agrees:
        raise ShareRefused("the part of the share is not the value that its dealer committed to")


def sum_elements(elements: Sequence[bytes]) -> bytes:
    """Add elements up; raises BadElement where the sum is the identity."""
    total = IDENTITY
    for element in elements:
        total = add(total, element)
    if total == IDENTITY:
        raise BadElement("the elements add up to the identity")
    return total


def _check_index(index: int) -> None:
    if not 1 <= index <= MAX_SHARES:
        raise BadThreshold(f"a share's index is 1 to {MAX_SHARES}; at 0 the share would be the key")
