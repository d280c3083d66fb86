"""Write proved entries as lines: a table to read, CSV for a spreadsheet, JSON for a program. No pseudonym is shown."""

import csv
import json
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

from auditlog.audit.entry_filter import Entry
from protocol.beijing import BEIJING
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.table_cells import plain_cell

WriteLine = Callable[[Entry], None]

_PERSONAL: Final = frozenset(
    {
        "inquiry",
        "decision",
        "first",
        "reasons",
        "order",
        "agent",
        "approved_by",
        "consent_ref",
        "deposit_fen",
        "amount_fen",
        "principal_fen",
        "was",
        "closes",
        "until",
    }
)
"""The facts of personal parts that are shown: neither a person's pseudonym nor an account's."""
_FIRST: Final = (
    "service",
    "purpose",
    "channel",
    "outlet",
    "dealer",
    "decision",
    "reasons",
    "outcome",
    "basis",
    "obeyed",
    "lines",
    "reason",
    "record",
    "order",
    "agent",
    "approved_by",
)
"""The facts with a column of their own, and first in a line of the table."""
_OWN: Final[tuple[str, ...]] = ("inquiry", *_FIRST, "erased")
_ACT: Final = ("time", "beijing", "kind", "by", "year", "index", "id", "inquiry")
COLUMNS: Final = (*_ACT, *_FIRST, "erased", "others")
"""The columns of the CSV; later releases only add to them, before ``others``."""
_ERASED: Final = "yes"


def table_of(file: IO[str]) -> WriteLine:
    """Write a line an entry for a reader: Beijing time, kind, participant, place, id, and the facts that there are."""
    heading = f"{'Beijing time':<19}  {'kind':<22}  {'by':<12}  {'entry':<12}  {'id':<36}  facts\n"

    def write(entry: Entry) -> None:
        nonlocal heading
        file.write(heading)
        heading = ""
        at = entry.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        place, named = f"{entry.at.year}/{entry.index}", str(entry.entry_id)
        facts = "  ".join(f"{name} {_seen(value)}" for name, value in _told(entry).items() if value != named)
        line = f"{at}  {_seen(entry.kind):<22}  {_seen(entry.by):<12}  {place:<12}  {named}  {facts}"
        file.write(line.rstrip() + "\n")
        file.flush()

    return write


def csv_of(file: IO[str]) -> WriteLine:
    """Write a table (RFC 4180) without a cell that a spreadsheet runs."""
    table = csv.DictWriter(file, COLUMNS)
    table.writeheader()

    def write(entry: Entry) -> None:
        told = _told(entry)
        cells: dict[str, str] = {name: _seen(told.pop(name)) for name in _OWN if name in told}
        cells |= {name: _seen(value) for name, value in _act(entry).items()}
        cells["beijing"] = entry.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        cells["others"] = "; ".join(f"{name}={_seen(value)}" for name, value in told.items())
        table.writerow({name: plain_cell(cell) for name, cell in cells.items()})

    return write


def json_of(file: IO[str]) -> WriteLine:
    """Write one JSON object a line; facts that only some kinds have are under ``facts``."""

    def write(entry: Entry) -> None:
        told = _told(entry)
        document = _act(entry) | {"erased": told.pop("erased", None) is not None}
        if "inquiry" in told:
            document["inquiry"] = told.pop("inquiry")
        file.write(json.dumps(document | {"facts": told}, sort_keys=True) + "\n")
        file.flush()

    return write


def _act(entry: Entry) -> dict[str, Any]:
    return {
        "time": format_time(entry.at),
        "kind": entry.kind,
        "by": entry.by,
        "year": entry.at.year,
        "index": entry.index,
        "id": str(entry.entry_id),
    }


def _told(entry: Entry) -> dict[str, Any]:
    """The facts that there are: the inquiry that the entry is, or belongs to, and then in the order of the columns."""
    personal = {name: value for name, value in entry.personal.items() if name in _PERSONAL}
    facts: Mapping[str, Any] = personal | dict(entry.facts)
    inquiry = str(entry.entry_id) if entry.kind == EntryKind.INQUIRY else facts.get("inquiry")
    told = {} if inquiry is None else {"inquiry": inquiry}
    told |= {name: facts[name] for name in _FIRST if name in facts}
    told |= {name: value for name, value in facts.items() if name not in told}
    return told | ({"erased": _ERASED} if entry.is_erased else {})


def _seen(value: object) -> str:
    """Write a value for a terminal or a cell: a registry may have logged signs that steer either."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if text.isprintable() else json.dumps(text)
