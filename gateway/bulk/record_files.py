"""Reads files that name records: verdicts of a report, plain lists of ids, and the accounts that a buyer gives them.

A file is read to its end before anything is sent. An error names the faulty line and repeats nothing of it.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from gateway.errors import VerdictsBroken
from protocol.codes import Verdict
from protocol.table_cells import text_of_cell

_MAX_LINE: Final = 256 * 1024
_RECORD: Final = "record_id"
_VERDICT: Final = "verdict"
_LISTS: Final = frozenset({Verdict.ACTIVE, Verdict.PENDING})
STANDS: Final = _LISTS | {Verdict.DUPLICATE, Verdict.UPDATED}
"""A row with another verdict may name a record as well: one that it took out, or somebody else's on its account."""

_Row: TypeAlias = tuple[int, list[str]]
"""The last line of a row, and its cells."""


def record_ids(path: Path) -> tuple[UUID, ...]:
    """Read the records of a file, each once: its column ``record_id``, or each line of a plain list.

    A verdict file gives those that a row listed, repeated or updated: a refused row may name somebody else's.
    """
    rows = _rows(path)
    header = next(rows, (0, []))[1]
    if len(header) == 1 and header != [_RECORD]:
        rows = _rows(path)  # no header: the first line is the first record
        return tuple(dict.fromkeys(_id(path, line, cells, 0) for line, cells in rows))
    place = _place(path, header, _RECORD)
    said = header.index(_VERDICT) if _VERDICT in header else None
    found = (
        _id(path, line, cells, place)
        for line, cells in rows
        if _cell(path, line, cells, place) and (said is None or _cell(path, line, cells, said) in STANDS)
    )
    return tuple(dict.fromkeys(found))


def listed_records(path: Path, *, length: int) -> tuple[tuple[UUID, ...], int]:
    """Read the records that a report listed, from the first ``length`` bytes of its verdicts, and count the others.

    An earlier report listed the others, and may have been right.
    """
    rows = _rows(path, length)
    header = next(rows, (0, []))[1]
    place, said = _place(path, header, _RECORD), _place(path, header, _VERDICT)
    listed: dict[UUID, None] = {}
    named: set[UUID] = set()
    for line, cells in rows:
        if _cell(path, line, cells, place) and _cell(path, line, cells, said) in STANDS:
            record_id = _id(path, line, cells, place)
            named.add(record_id)
            if cells[said] in _LISTS:
                listed[record_id] = None
    return tuple(listed), len(named - listed.keys())


def new_accounts(path: Path) -> dict[UUID, str]:
    """Read the account of each record, from the columns ``record_id`` and ``account``."""
    rows = _rows(path)
    header = next(rows, (0, []))[1]
    place, account = _place(path, header, _RECORD), _place(path, header, "account")
    accounts: dict[UUID, str] = {}
    for line, cells in rows:
        record_id = _id(path, line, cells, place)
        if record_id in accounts:
            raise VerdictsBroken(f"{path}: line {line} names a record that an earlier line names")
        if not _cell(path, line, cells, account).strip():
            raise VerdictsBroken(f"{path}: line {line} holds no account")
        accounts[record_id] = text_of_cell(cells[account])
    return accounts


def _rows(path: Path, length: int | None = None) -> Iterator[_Row]:
    reader = csv.reader(_lines(path, length), strict=True)
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error:
        raise VerdictsBroken(f"{path}: line {reader.line_num} is no line of a CSV file") from None


def _lines(path: Path, length: int | None) -> Iterator[str]:
    number, left = 0, path.stat().st_size if length is None else length
    with path.open("rb") as file:
        while left > 0 and (raw := file.readline(min(left, _MAX_LINE))):
            number, left = number + 1, left - len(raw)
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise VerdictsBroken(f"{path}: line {number} is not UTF-8") from None


def _place(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        raise VerdictsBroken(f"{path}: has no column {name} in its first line")
    return header.index(name)


def _cell(path: Path, line: int, cells: list[str], place: int) -> str:
    if place >= len(cells):
        raise VerdictsBroken(f"{path}: line {line} has fewer columns than the first line")
    return cells[place]


def _id(path: Path, line: int, cells: list[str], place: int) -> UUID:
    text = _cell(path, line, cells, place).strip()
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text:
        raise VerdictsBroken(f"{path}: line {line} holds no record id")
    return found
