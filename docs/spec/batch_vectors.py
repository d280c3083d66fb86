"""Vectors of docs/spec/record-batches.md: lines that are reports, and lines that get REJ_MALFORMED_ROW instead."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import json
from typing import Any, Final

from api.rows import Line, parse_row
from api.schemas.records import RecordReportSchema
from protocol.encodings import b64url_encode
from protocol.reports import RecordReport, RefusedRow

LINE_BYTES: Final = 4096
_TOKEN: Final = b64url_encode(bytes(range(32)))
GOOD: Final[dict[str, Any]] = {
    "row_id": "1",
    "tokens": {"epoch": 1, "subject": _TOKEN, "household_register": _TOKEN},
    "account_ref": _TOKEN,
    "service_class": "BROADBAND",
    "category": "MISSED_CYCLE",
    "principal_fen": 12_000,
    "due_date": "2026-05-05",
    "debtor_of_age": True,
    "notice_date": "2026-06-24",
    "notice_channel": "SMS",
    "dealer": "DL0001",
}
_CHANGED: Final[list[tuple[str, dict[str, Any]]]] = [
    ("a complete report", {}),
    ("the principal is no whole number", {"principal_fen": 12_000.5}),
    ("the principal is a text", {"principal_fen": "12000"}),
    ("the principal is beyond the bound", {"principal_fen": 10**10 + 1}),
    ("a word outside its vocabulary", {"category": "ANGRY"}),
    ("a date that does not exist", {"due_date": "2026-02-30"}),
    ("a date in another form", {"due_date": "20260505"}),
    ("a token that is too short", {"tokens": {"epoch": 1, "subject": _TOKEN[:-2]}}),
    ("a token with padding", {"tokens": {"epoch": 1, "subject": _TOKEN + "="}}),
    ("a field that nobody knows", {"name": "x"}),
    ("a truth that is a number", {"debtor_of_age": 1}),
    ("an unusable row_id", {"row_id": "a b"}),
]
_REFUSED: Final[dict[str, Any]] = {
    "row_id": "row-7",
    "account_ref": GOOD["account_ref"],
    "code": "REJ_MINOR",
    "withdraws": True,
    "due_date": "2026-05-05",
}
_REFUSALS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("a minor, whose row speaks against the record", {}),
    ("a document that the gateway cannot read", {"code": "REJ_INVALID_DOCUMENT", "withdraws": False}),
    ("a code that speaks against no record", {"code": "REJ_INVALID_DOCUMENT"}),
    ("a code that is no refusal", {"code": "ACTIVE", "withdraws": False}),
    ("a refused row with a token", {"tokens": {"epoch": 1, "subject": _TOKEN}}),
]
_RAW: Final[list[tuple[str, str]]] = [
    ("an empty line", ""),
    ("not JSON", "row_id=1"),
    ("a list", "[1]"),
    ("a name that stands twice", '{"row_id":"1","row_id":"2"}'),
    ("cut off", json.dumps(GOOD)[:-1]),
    ("a lone surrogate", json.dumps(GOOD).replace("DL0001", "\\ud800")),
]


def content() -> dict[str, Any]:
    """Each line alone in a batch: whether it is a report, and which ``row_id`` its verdict carries."""
    missing = {name: value for name, value in GOOD.items() if name != "account_ref"}
    lines = [(why, json.dumps(GOOD | change)) for why, change in _CHANGED]
    lines += [("a field is missing", json.dumps(missing)), *_RAW]
    lines += [(why, json.dumps(_REFUSED | change)) for why, change in _REFUSALS]
    return {"line_bytes": LINE_BYTES, "lines": [_judged(why, line) for why, line in lines]}


def _judged(why: str, line: str) -> dict[str, Any]:
    read = parse_row(RecordReportSchema(), Line(line.encode(), b""), 1, LINE_BYTES)
    return {
        "why": why,
        "line": line,
        "report": isinstance(read, RecordReport),
        "refused_row": isinstance(read, RefusedRow),
        "row_id": read.row_id,
    }
