"""Writes the vectors of docs/spec/attestations.md: bands, spans, ends, and rows as the registry reads them."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
from typing import Any, Final

from api.examples.attestations import ROW
from protocol.attestations import band_of
from protocol.grades import ATTESTED
from protocol.messages.attestations import AttestationRow
from protocol.wire.codec import Malformed, read, write
from registry.domain.attestations import ends_on, span_begins

_MONTHS: Final = (0, 1, 11, 12, 13, 23, 24, 35, 36, 37, 240)
_DAYS: Final = ("2026-10-31", "2026-11-30", "2028-02-29", "2027-02-28", "2026-01-01")
_ENDS: Final = (
    ("2026-10-31", "2027-11-20", 365),
    ("2026-10-31", "2027-03-01", 365),
    ("2027-10-31", "2029-01-01", 365),
    ("2026-10-31", "2026-11-30", 30),
)
_CONSENT: Final[dict[str, Any]] = ROW["consent"]
_REFUSED: Final[tuple[dict[str, Any], ...]] = (
    {"band": "24"},
    {"band": 11},
    {"account_ref": "AA"},
    {"as_of": "2026-02-30"},
    {"months": 26},
    {"consent": _CONSENT | {"purpose": "MARKETING"}},
    {"consent": _CONSENT | {"method": "TELEPHONE"}},
    {"consent": _CONSENT | {"consent_ref": _CONSENT["consent_ref"] + "A"}},
    {"consent": {name: value for name, value in _CONSENT.items() if name != "document_sha256"}},
)


def content() -> dict[str, object]:
    """Write what a gateway and the registry compute, and rows that are read or refused."""
    return {
        "bands": [{"months": months, "band": int(band_of(months))} for months in _MONTHS],
        "spans": [
            {"as_of": day, "band": int(band), "begins": span_begins(dt.date.fromisoformat(day), band).isoformat()}
            for day in _DAYS
            for band in ATTESTED
        ],
        "ends": [
            {"as_of": as_of, "consent_until": until, "most_days": most, "until": _end(as_of, until, most)}
            for as_of, until, most in _ENDS
        ],
        "rows": [write(read(AttestationRow, ROW)), _without(ROW, "consent")],
        "refused_rows": [_refused(ROW | change) for change in _REFUSED],
    }


def _end(as_of: str, until: str, most_days: int) -> str:
    return ends_on(dt.date.fromisoformat(as_of), dt.date.fromisoformat(until), most_days).isoformat()


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


def _refused(row: dict[str, Any]) -> dict[str, object]:
    try:
        read(AttestationRow, row)
    except Malformed as malformed:
        faults = {path: code.value for path, code in sorted(malformed.faults.items())}
        return {"row": row, "refused": "REJ_MALFORMED_ROW", "errors": faults}
    raise ValueError("a row that has to be refused is not")
