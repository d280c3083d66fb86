"""Read orders that turned out good or bad from a table, and keep no row: only counts of equal inputs.

docs/backtest.md describes the table. A fault names line and column by a stable code, and repeats no cell.
"""

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Final, NamedTuple, TypeVar
from uuid import UUID

from protocol.grades import ABSENT, CreditInput, Grade, Tenure
from protocol.grading import CreditFacts, TextMalformed, read_text

OPENED_ON: Final = "opened_on"
BAD: Final = "bad"
CREDIT: Final = "credit"
INQUIRY: Final = "inquiry_id"
_INPUTS: Final = tuple(each.value for each in CreditInput)
_KNOWN: Final = frozenset({OPENED_ON, BAD, CREDIT, INQUIRY, *_INPUTS})
_MOST_BYTES: Final = 4_096
"""The bytes of a line; the longest one that means something has about 120."""
_WHOLE: Final = re.compile(r"0|[1-9]\d{0,5}", re.ASCII)
_YEARS: Final = range(1900, 2200)


class OrderFault(StrEnum):
    """The fault of a table, of a line or of a cell."""

    NOT_UTF_8 = "not-utf-8"
    LINE_TOO_LONG = "line-too-long"
    NOT_A_TABLE = "not-a-table"
    NO_ROWS = "no-rows"
    COLUMN_UNKNOWN = "column-unknown"
    COLUMN_REPEATED = "column-repeated"
    COLUMN_MISSING = "column-missing"
    INPUTS_TWICE = "inputs-twice"
    """The table has the inputs in more than one form: their columns, the text ``credit``, the id of an inquiry."""
    CELLS_DIFFER = "cells-differ"
    """A line has more or fewer cells than the heading."""
    NOT_A_DATE = "not-a-date"
    NOT_0_OR_1 = "not-0-or-1"
    NOT_WHOLE = "not-a-whole-number"
    NOT_A_BAND = "not-a-band"
    NOT_A_CREDIT_TEXT = "not-a-credit-text"
    NOT_AN_ID = "not-an-id"
    LOG_NEEDED = "log-needed"
    """The table names inquiries, and only the log has their inputs."""


class OrdersRefused(Exception):
    """A table cannot be read: the line, the column where there is one, and a code."""

    def __init__(self, line: int, code: OrderFault, column: str | int | None = None) -> None:
        super().__init__(f"line {line}{'' if column is None else f', column {column}'}: {code.value}")
        self.line = line
        self.column = column
        self.code = code


class Kind(NamedTuple):
    """The part of an order that weighs: its inputs, and the letter that was given then, where the table tells it."""

    facts: CreditFacts
    told: Grade | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders, counted by kind, and the dates of the first and the last of them."""

    good: Counter[Kind]
    bad: Counter[Kind]
    first: dt.date
    last: dt.date
    left_out: int = 0
    """Orders whose inquiry has no inputs in the log: it is another's, read no grade, or was erased."""

    def kinds(self) -> Iterator[tuple[Kind, int, int]]:
        """Yield each kind with its number of orders, and of bad ones."""
        for kind in self.good | self.bad:
            yield kind, self.good[kind] + self.bad[kind], self.bad[kind]


_Row = dict[str, str]
_Value = TypeVar("_Value")


def read_orders(file: IO[bytes], told: Mapping[UUID, str] | None = None) -> Orders:
    """Read a table (RFC 4180, UTF-8, a byte order mark allowed) from its heading on; raises OrdersRefused.

    ``told`` are the texts of inputs and letter that the log has, by inquiry; None: no log was read.
    """
    good, bad = Counter[Kind](), Counter[Kind]()
    days: set[dt.date] = set()
    left_out = line = 0
    for line, row in _rows(file):
        if INQUIRY in row and told is None:
            raise OrdersRefused(1, OrderFault.LOG_NEEDED, INQUIRY)
        day, is_bad = _cell(line, row, OPENED_ON, _date), _cell(line, row, BAD, _bit)
        kind = _kind(line, row, told or {})
        if kind is None:
            left_out += 1
            continue
        days.add(day)
        (bad if is_bad else good)[kind] += 1
    if not days:
        raise OrdersRefused(line or 1, OrderFault.NO_ROWS)
    return Orders(good=good, bad=bad, first=min(days), last=max(days), left_out=left_out)


def inquiries_in(file: IO[bytes]) -> frozenset[UUID]:
    """Read the inquiries that a table names: none where it has the inputs itself. Raises OrdersRefused."""
    return frozenset(_cell(line, row, INQUIRY, _id) for line, row in _rows(file) if INQUIRY in row)


def _rows(file: IO[bytes]) -> Iterator[tuple[int, _Row]]:
    """Yield each row with the number of its line."""
    lines = _Lines(file)
    table = csv.reader(lines, strict=True)
    try:
        columns = _heading(next(table, []))
        for cells in table:
            if len(cells) != len(columns):
                raise OrdersRefused(lines.number, OrderFault.CELLS_DIFFER)
            yield lines.number, dict(zip(columns, cells, strict=True))
    except csv.Error:
        raise OrdersRefused(lines.number, OrderFault.NOT_A_TABLE) from None


class _Lines:
    """The lines of a file as text, with the number of the latest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while raw := self._file.readline(_MOST_BYTES + 1):
            self.number += 1
            if len(raw) > _MOST_BYTES:
                raise OrdersRefused(self.number, OrderFault.LINE_TOO_LONG)
            try:
                yield raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise OrdersRefused(self.number, OrderFault.NOT_UTF_8) from None


def _heading(columns: list[str]) -> list[str]:
    """Check the heading. An unknown column is refused by its place: no row brings along what nobody asked for."""
    for place, name in enumerate(columns, 1):
        if name not in _KNOWN:
            raise OrdersRefused(1, OrderFault.COLUMN_UNKNOWN, place)
        if name in columns[: place - 1]:
            raise OrdersRefused(1, OrderFault.COLUMN_REPEATED, name)
    forms = [form for form in ((CREDIT,), (INQUIRY,), _INPUTS) if not set(form).isdisjoint(columns)]
    if len(forms) > 1:
        raise OrdersRefused(1, OrderFault.INPUTS_TWICE, next(name for name in columns if name in forms[1]))
    for name in (OPENED_ON, BAD, *(forms[0] if forms else _INPUTS)):
        if name not in columns:
            raise OrdersRefused(1, OrderFault.COLUMN_MISSING, name)
    return columns


def _kind(line: int, row: _Row, told: Mapping[UUID, str]) -> Kind | None:
    if INQUIRY in row:
        text = told.get(_cell(line, row, INQUIRY, _id))
        return None if text is None else Kind(*_cell(line, {INQUIRY: text}, INQUIRY, _credit))
    if CREDIT in row:
        return Kind(*_cell(line, row, CREDIT, _credit))
    number = {name: _cell(line, row, name, reader) for name, reader in _READERS.items()}
    facts = CreditFacts(
        open=number[CreditInput.OPEN],
        plan_running=number[CreditInput.PLAN_RUNNING],
        cleared_days=number[CreditInput.CLEARED_DAYS],
        cleared_creditors=number[CreditInput.CLEARED_CREDITORS],
        blocked_days=number[CreditInput.BLOCKED_DAYS],
        plans_broken=number[CreditInput.PLANS_BROKEN],
        tenure=Tenure(number[CreditInput.TENURE]),
    )
    return Kind(facts, None)


def _cell(line: int, row: _Row, name: str, read: Callable[[str], _Value]) -> _Value:
    try:
        return read(row[name])
    except _BadCell as bad:
        raise OrdersRefused(line, bad.code, name) from None


class _BadCell(Exception):
    def __init__(self, code: OrderFault) -> None:
        super().__init__(code.value)
        self.code = code


def _date(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise _BadCell(OrderFault.NOT_A_DATE) from None
    if day.isoformat() != text or day.year not in _YEARS:
        raise _BadCell(OrderFault.NOT_A_DATE)
    return day


def _bit(text: str) -> int:
    if text not in {"0", "1"}:
        raise _BadCell(OrderFault.NOT_0_OR_1)
    return int(text)


def _whole(text: str) -> int:
    if _WHOLE.fullmatch(text) is None:
        raise _BadCell(OrderFault.NOT_WHOLE)
    return int(text)


def _day_count(text: str) -> int:
    return _whole(text) if text else ABSENT


def _band(text: str) -> int:
    if text not in {str(int(each)) for each in Tenure}:
        raise _BadCell(OrderFault.NOT_A_BAND)
    return int(text)


def _id(text: str) -> UUID:
    try:
        named = UUID(text)
    except ValueError:
        raise _BadCell(OrderFault.NOT_AN_ID) from None
    if str(named) != text:
        raise _BadCell(OrderFault.NOT_AN_ID)
    return named


def _credit(text: str) -> tuple[CreditFacts, Grade]:
    try:
        return read_text(text)
    except TextMalformed:
        raise _BadCell(OrderFault.NOT_A_CREDIT_TEXT) from None


_READERS: Final[dict[str, Callable[[str], int]]] = {
    CreditInput.OPEN: _whole,
    CreditInput.PLAN_RUNNING: _bit,
    CreditInput.CLEARED_DAYS: _day_count,
    CreditInput.CLEARED_CREDITORS: _whole,
    CreditInput.BLOCKED_DAYS: _whole,
    CreditInput.PLANS_BROKEN: _whole,
    CreditInput.TENURE: _band,
}
