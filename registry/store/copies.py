"""Write rows in the binary form of PostgreSQL's COPY: the cheapest way to hand over many new rows.

A row costs the server a third less than in an array (see ``arrays``), since it parses no text and fills whole pages.
COPY knows no ON CONFLICT, so it is for rows that cannot exist yet. Triggers, keys and checks hold as for INSERT.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from registry.store.types import Coded, CodedList, Day, Octets, UtcTime

COPY: Final = "COPY "
"""The beginning of each statement of this kind."""

_Column = Callable[[Sequence[Any]], Iterable[bytes]]

_START: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"
_NULL: Final = b"\xff\xff\xff\xff"
_EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY: Final = dt.date(2000, 1, 1).toordinal()
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_UUID_LENGTH: Final = (16).to_bytes(4, "big")


def _long(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _integer(octets: int, value: int) -> bytes:
    return _long(value.to_bytes(octets, "big", signed=True))


def _text(value: str) -> bytes:
    return _long(value.encode())


def _time(value: dt.datetime) -> bytes:
    return _integer(8, (value - _EPOCH) // _MICROSECOND)


def _day(value: dt.date) -> bytes:
    return _integer(4, value.toordinal() - _EPOCH_DAY)


def _octets(values: Sequence[bytes | None]) -> list[bytes]:
    if None not in values and len(lengths := set(map(len, values))) == 1:  # type: ignore[arg-type]
        prefix = lengths.pop().to_bytes(4, "big")
        return [prefix + each for each in values]  # type: ignore[operator]
    return [_NULL if each is None else len(each).to_bytes(4, "big") + each for each in values]


def _uuids(values: Sequence[UUID | None]) -> list[bytes]:
    return [_NULL if each is None else _UUID_LENGTH + each.int.to_bytes(16, "big") for each in values]


def _repeating(write: Callable[[Any], bytes]) -> _Column:
    """Write a column in which values repeat: each of them once."""

    def column(values: Sequence[Any]) -> Iterable[bytes]:
        written = {each: _NULL if each is None else write(each) for each in set(values)}
        return map(written.__getitem__, values)

    return column


_WRITERS: Final[tuple[tuple[type[Any], _Column], ...]] = (
    (Octets, _octets),
    (sa.Uuid, _uuids),
    (UtcTime, _repeating(_time)),
    (Day, _repeating(_day)),
    (Coded, _repeating(_text)),
    (CodedList, _repeating(_text)),
    (sa.String, _repeating(_text)),
    (sa.Boolean, _repeating(lambda value: _long(bytes((value,))))),
    (sa.BigInteger, _repeating(lambda value: _integer(8, value))),
    (sa.Integer, _repeating(lambda value: _integer(4, value))),
)
"""The writer of a column by its type, the narrower type first."""


class Copy:
    """COPY of rows of a table; the values are converted for the driver."""

    def __init__(self, table: sa.Table) -> None:
        columns = ", ".join(each.name for each in table.columns)
        self.text = f"{COPY}{table.name} ({columns}) FROM STDIN (FORMAT binary)"
        self._writers = tuple(_writer(each) for each in table.columns)
        self._fields = len(self._writers).to_bytes(2, "big")

    def written(self, columns: Sequence[Sequence[Any]]) -> bytes:
        """Write rows, given column by column, as the statement's input."""
        written = (write(values) for write, values in zip(self._writers, columns, strict=True))
        return b"".join((_START, *chain.from_iterable(zip(repeat(self._fields), *written, strict=False)), _END))


def _writer(column: "sa.Column[Any]") -> _Column:
    return next(write for kind, write in _WRITERS if isinstance(column.type, kind))
