"""Read a file of outcomes: a file of decisions in which somebody filled in what became of each order.

The columns have our own names. Others are not read, so that the decision may stay beside the outcome.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from gateway.bulk.export import Export, RawRow
from gateway.bulk.mapping import FileMapping, Layout
from gateway.bulk.named_columns import layout_of_names, read_time
from gateway.bulk.rows import WRONG_NUMBER_OF_FIELDS
from gateway.counter.activations import ToldOutcome
from gateway.identity.context import ContextDefaults
from gateway.local.outcomes import read_outcome
from protocol.encodings import format_time
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
_NUMBER: Final = re.compile("[0-9]{1,9}", re.ASCII)


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
    """Find out the encoding and the columns of a file of outcomes; raises FileBroken."""
    may = tuple(name for name in (*_NEEDED, *_MAY) if name not in needed)
    return layout_of_names(path, Layout.OUTCOMES, label=("reference", ORDER), needed=needed, may=may)


def read_row(row: RawRow, positions: Mapping[str, int], defaults: ContextDefaults) -> ToldOutcome | FaultyRow | None:
    """Read what became of an order; None for a row without an outcome: nothing became of it yet."""
    if row.cells is None:
        return FaultyRow(detail=f"row:{WRONG_NUMBER_OF_FIELDS}")
    told: dict[str, Any] = {name: text_of_cell(row.cells[place]).strip() for name, place in positions.items()}
    told = {ORDER if name == "reference" else name: text for name, text in told.items() if text}
    if "outcome" not in told:
        return None
    try:
        at, span = read_time(told.pop("at", ""), "at")
        numbers = {name: _whole(told[name]) for name in _NUMBERS if name in told}
        body = told | numbers | {"at": format_time(at)}
        return replace(read_outcome(body, None, defaults), span=span)
    except Refusal as refused:
        return FaultyRow(detail=" ".join(f"{name}:{code}" for name, code in sorted(refused.fields.items())))


def _whole(text: str) -> int:
    """Read digits; 0, which is out of every range, for anything else."""
    return int(text) if _NUMBER.fullmatch(text) else 0
