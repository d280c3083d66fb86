"""Write the lines of a verdict file: the outcome of each row, in columns that later releases only add to."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.bulk.row_values import LocalVerdict, ReadRow, Reportable
from protocol.codes import Verdict
from protocol.messages.records import RowVerdict
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
)
_BETWEEN: Final = "+"


def csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    """Write the rows of a table in UTF-8, without a cell that a spreadsheet runs."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(plain_cell, row) for row in rows)
    return text.getvalue().encode("utf-8")


def verdict_of(read: ReadRow, judged: Mapping[str, RowVerdict]) -> Verdict:
    """Return the code of a row: the registry's, by the row's id, or the gateway's."""
    return read.verdict if isinstance(read, LocalVerdict) else judged[read.row_id].verdict


def verdict_row(read: ReadRow, judged: Mapping[str, RowVerdict]) -> tuple[str, ...]:
    """Write one line: account as the export writes it, verdict, record, reason, and states of the household keys."""
    if isinstance(read, LocalVerdict):
        return (read.label, read.verdict.value, "", "", "", "", read.detail, "", "")
    told = judged[read.row_id]
    detail = ""
    register = address = ""
    if isinstance(read, Reportable):
        register, address = read.inputs.register_state.value, read.inputs.address_state.value
    else:
        detail = read.detail
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
    )
