"""Read a file of outcomes: a file of decisions in which somebody filled in what became of each order.

The columns have our own names. Others are not read, so that the decision may stay beside the outcome.
"""

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from gateway.bulk.export import Export, RawRow
from gateway.bulk.mapping import FileMapping, Layout, date_reader
from gateway.bulk.rows import WRONG_NUMBER_OF_FIELDS
from gateway.counter.activations import ToldOutcome
from gateway.errors import FileBroken
from gateway.identity.context import ContextDefaults
from gateway.local.members import invalid
from gateway.local.outcomes import read_outcome
from protocol.beijing import BEIJING
from protocol.encodings import EncodingError, format_time, parse_moment
from protocol.problems import Refusal
from protocol.table_cells import text_of_cell

ORDER: Final = "order"
_NEEDED: Final = ("outcome", "at")
_NUMBERS: Final = ("part", "revision", "lines", "deposit_fen")
_MAY: Final[tuple[str, ...]] = (
    *_NUMBERS,
    "service_class",
    "reason",
    "channel",
    "outlet",
    "dealer",
    "agent",
    "approved_by",
    "unchecked",
)
_PIECE: Final = 1024 * 1024
_MAX_HEADER: Final = 256 * 1024
_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)
_LOCAL_TIME: Final = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII
)
_SECOND, _MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRow:
    """A row that cannot be read; ``detail`` names the columns and their faults, never the content."""

    detail: str


def orders_in(path: Path) -> Iterator[str]:
    """Yield the orders' numbers in a file with a column ``order``; raises FileBroken."""
    export = Export(path, layout_of(path, needed=()))
    for row in export.rows(export.check()):
        if row.label.strip():
            yield text_of_cell(row.label).strip()


def layout_of(path: Path, needed: tuple[str, ...] = _NEEDED) -> FileMapping:
    """Find out the encoding (UTF-8, else GB18030) and the columns of a file of outcomes; raises FileBroken."""
    try:
        encoding = _encoding_of(path)
        with path.open("rb") as file:
            header = file.readline(_MAX_HEADER).decode(encoding, "replace").removeprefix("\ufeff")
    except OSError as trouble:
        raise FileBroken(path, 1, 1, f"the file cannot be read ({trouble.strerror})") from None
    names: list[str] = []
    with suppress(csv.Error, StopIteration):  # the reader of the file names the fault
        names = [each.strip() for each in next(csv.reader([header]))]
    columns = {"reference": ORDER} | {name: name for name in (*_NEEDED, *_MAY) if name in needed or name in names}
    return FileMapping(
        path=path,
        layout=Layout.OUTCOMES,
        digest="",
        encoding=encoding,
        delimiter=",",
        last_line_end_needed=True,
        columns=columns,
        parse_date=date_reader("%Y-%m-%d"),
        kinds={},
        services={},
        channels={},
        categories={},
        collective={},
    )


def read_row(row: RawRow, positions: Mapping[str, int], defaults: ContextDefaults) -> ToldOutcome | FaultyRow | None:
    """Read what became of an order; None for a row without an outcome: nothing became of it yet."""
    if row.cells is None:
        return FaultyRow(detail=f"row:{WRONG_NUMBER_OF_FIELDS}")
    told: dict[str, Any] = {name: text_of_cell(row.cells[place]).strip() for name, place in positions.items()}
    told = {ORDER if name == "reference" else name: text for name, text in told.items() if text}
    if "outcome" not in told:
        return None
    try:
        at, span = _time(told.pop("at", ""))
        numbers = {name: _whole(told[name]) for name in _NUMBERS if name in told}
        body = told | numbers | {"at": format_time(at)}
        return replace(read_outcome(body, None, defaults), span=span)
    except Refusal as refused:
        return FaultyRow(detail=" ".join(f"{name}:{code}" for name, code in sorted(refused.fields.items())))


def _time(text: str) -> tuple[dt.datetime, dt.timedelta]:
    """Read a time with its fineness: UTC as we write it, or Beijing time to the minute or the second."""
    if not text:
        raise invalid("at", "REQUIRED")
    local = _LOCAL_TIME.fullmatch(text)
    try:
        if local is None:
            at = parse_moment(text)
            return at, _SECOND if at.microsecond == 0 else dt.timedelta(0)
        year, month, day, hour, minute, second = (int(each or 0) for each in local.groups())
        at = dt.datetime(year, month, day, hour, minute, second, tzinfo=BEIJING)
        return parse_moment(format_time(at)), _MINUTE if local[6] is None else _SECOND
    except (EncodingError, ValueError):
        raise invalid("at", "NOT_A_TIME") from None


def _whole(text: str) -> int:
    """Read digits; 0, which is out of every range, for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else 0


def _encoding_of(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8"
