"""Lagrange's coefficients modulo L, by fractions."""

from fractions import Fraction

from tests.spec import slow_ristretto as slow


def number(text: str) -> int:
    """Read a scalar in hexadecimal, little-endian."""
    return int.from_bytes(bytes.fromhex(text), "little")


def lagrange(index: int, indexes: list[int]) -> int:
    """Compute the weight of f(index) in f(0)."""
    weight = Fraction(1)
    for other in set(indexes) - {index}:
        weight *= Fraction(other, other - index)
    return weight.numerator * pow(weight.denominator, -1, slow.L) % slow.L
