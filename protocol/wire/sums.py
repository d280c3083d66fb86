"""Sums of money for other systems, which count in units of the currency: a JSON number of two decimals."""

from typing import Any

from protocol.problems import FieldCode
from protocol.wire.kinds import Fault, Kind


class Yuan(Kind):
    """A sum in yuan, in answers only; its value is whole fen."""

    __slots__ = ()

    def read(self, value: Any) -> int:
        if type(value) not in (int, float):
            raise Fault(FieldCode.WRONG_TYPE)
        return round(float(value) * 100)

    def write(self, value: int) -> float:
        return value / 100
