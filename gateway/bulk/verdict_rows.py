"""Write the lines of a verdict file: the outcome of each row, in columns that later releases only add to."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from gateway.bulk.row_values import LocalVerdict, ReadRow, Reportable
from gateway.bulk.summary import REFUSED
from gateway.bulk.unchanged import Unchanged
from gateway.bulk.verdict_words import CAUSES
from protocol.codes import Verdict
from protocol.messages.records import RowVerdict
from protocol.states import RecordState, RowNote
from protocol.table_cells import plain_cell

HEADER: Final = (
    "account",
    "verdict",
    "record_id",
    "reason",
    "notes",
    "withdrew",
    "detail",
    "household_register",
    "household_address",
    "row",
    "enforceable_from",
    "field",
    "column",
    "code",
    "cause",
    "cause_zh",
    "word",
    "state",
)
_BETWEEN: Final = "+"
_LISTED: Final = {Verdict.ACTIVE: RecordState.ACTIVE, Verdict.PENDING: RecordState.PENDING}


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Write the rows of a table in UTF-8, without a cell that a spreadsheet runs."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(plain_cell, row) for row in rows)
    return text.getvalue().encode("utf-8")


def verdict_of(read: ReadRow | Unchanged, judged: Mapping[str, RowVerdict]) -> Verdict:
    """Return the code of a row: the registry's, by the row's id, or the gateway's."""
    return read.verdict if isinstance(read, LocalVerdict) else judged[read.row_id].verdict


def width_of(output: Path) -> int:
    """Count the columns of an output that was begun; later releases have more, which it does not get in the middle."""
    with output.open(encoding="utf-8", newline="") as file:
        return len(next(csv.reader(file), HEADER))


def verdict_row(
    read: ReadRow | Unchanged,
    judged: Mapping[str, RowVerdict],
    columns: Mapping[str, str],
    states: Mapping[str, RecordState],
) -> tuple[str, ...]:
    """Write one line: account as the export writes it, verdict, record, reason, states of the household keys, words.

    ``columns`` has the export's own name of each field, ``states`` today's state of the records of confirmed rows.
    """
    if isinstance(read, LocalVerdict):
        line = (read.label, read.verdict.value, "", "", "", "", read.detail, "", "", read.row_id, "")
        return (*line, *words_of(read.verdict, read.detail, columns), read.word, "")
    told = judged[read.row_id]
    detail = word = ""
    register = address = ""
    if isinstance(read, Reportable):
        register, address = read.inputs.register_state.value, read.inputs.address_state.value
    elif isinstance(read, Unchanged):
        register, address = read.entry.register.value, read.entry.address.value
    else:
        detail, word = read.detail, read.word
    state = states.get(read.row_id) or _state_in(told)
    return (
        read.label,
        told.verdict.value,
        str(told.record_id or ""),
        "" if told.reason is None else told.reason.value,
        _BETWEEN.join(each.value for each in told.notes),
        _BETWEEN.join(map(str, told.withdrew)),
        detail,
        register,
        address,
        read.row_id,
        "" if told.enforceable_from is None else told.enforceable_from.isoformat(),
        *words_of(told.verdict, detail, columns),
        word,
        "" if state is None else state.value,
    )


def _state_in(told: RowVerdict) -> RecordState | None:
    """Return the state of the record where the verdict says it."""
    if RowNote.STILL_BLOCKS in told.notes:
        return RecordState.ACTIVE
    return _LISTED.get(told.verdict)


def words_of(verdict: Verdict, detail: str, columns: Mapping[str, str]) -> tuple[str, str, str, str, str]:
    """Name the field, the export's column of it and the fault, and say the cause in English and in Chinese."""
    cause = CAUSES[verdict]
    named, _, fault = detail.rpartition(":")
    is_refused = verdict.value.startswith(REFUSED)
    field = named or cause.field if is_refused else ""
    code = fault or verdict.value if is_refused else ""
    return field, columns.get(field, ""), code, cause.en, cause.zh
