"""Writes the vectors of docs/spec/record-batches.md: lines that are reports, and lines that get REJ_MALFORMED_ROW."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import json
from typing import Any, Final

from api.rows import chunks, lines, parse_record
from protocol.encodings import b64url_encode
from protocol.messages.records import RecordReport, RefusedRow

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
    ("a report with a reference of its person", {"person_ref": _TOKEN}),
    ("a reference of its person that is too short", {"person_ref": _TOKEN[:-2]}),
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
    ("an empty line is no row", ""),
    ("a blank line is no row", " \t\r"),
    ("a line with another kind of space is a row", "\u00a0"),
    ("not JSON", "row_id=1"),
    ("a list", "[1]"),
    ("a name that stands twice", '{"row_id":"1","row_id":"2"}'),
    ("cut off", json.dumps(GOOD)[:-1]),
    ("a lone surrogate", json.dumps(GOOD).replace("DL0001", "\\ud800")),
]
_BODIES: Final[list[tuple[str, str]]] = [
    ("two rows", "a\nb\n"),
    ("the last line feed is missing", "a\nb"),
    ("blank lines count for nothing", "\n \t\r\na\n\n\r\nb\n\n  "),
    ("a carriage return before the line feed belongs to the row", "a\r\nb\r\n"),
    ("spaces before a row belong to it", "  a\nb"),
    ("a line that is too long stands by its own digest", "a\n" + "x" * (LINE_BYTES + 1)),
    ("spaces that are too long for a line are a malformed row", "a\n" + " " * (LINE_BYTES + 1)),
]


def content() -> dict[str, Any]:
    """Write each line as its own batch, with a flag that it is a report and the ``row_id`` of its verdict."""
    missing = {name: value for name, value in GOOD.items() if name != "account_ref"}
    told = [(why, json.dumps(GOOD | change)) for why, change in _CHANGED]
    told += [("a field is missing", json.dumps(missing)), *_RAW]
    told += [(why, json.dumps(_REFUSED | change)) for why, change in _REFUSALS]
    return {
        "line_bytes": LINE_BYTES,
        "lines": [_judged(why, line) for why, line in told],
        "digests": [_digest(why, body) for why, body in _BODIES],
    }


def _judged(why: str, line: str) -> dict[str, Any]:
    found = next(lines([line.encode()], LINE_BYTES), None)
    if found is None:
        return {"why": why, "line": line, "report": False, "refused_row": False, "row_id": None}
    read = parse_record(found, 1, LINE_BYTES)
    return {
        "why": why,
        "line": line,
        "report": isinstance(read, RecordReport),
        "refused_row": isinstance(read, RefusedRow),
        "row_id": read.row_id,
    }


def _digest(why: str, body: str) -> dict[str, Any]:
    (chunk,) = chunks(
        lines([body.encode()], LINE_BYTES), parse_record, batch_key="b", first_chunk=0, line_bytes=LINE_BYTES
    )
    return {"why": why, "body": body, "rows": len(chunk.rows), "digest": chunk.rows_digest.hex()}
