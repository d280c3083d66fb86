"""Compare a count with a rate exactly, so that auditors in any language decide alike."""

from typing import Final

from protocol.messages.rules import PER_MILLION

_Z_SQUARED: Final = 38_416
"""1.96 squared, times ten thousand: the quantile of a two-sided interval of 95 %."""
_SCALE: Final = 10_000


def above(count: int, number: int, ppm: int) -> bool:
    """Tell whether ``count`` of ``number`` is above a rate in parts per million, at 95 % confidence.

    It is the lower bound of Wilson's interval, solved for the rate (E. B. Wilson, JASA 22, 1927): the bound lies above
    p where k > np and (k - np)^2 > z^2 np(1 - p). All of it is whole numbers, so nothing is rounded.
    """
    excess = count * PER_MILLION - number * ppm
    return excess > 0 and excess * excess * _SCALE > _Z_SQUARED * number * ppm * (PER_MILLION - ppm)
