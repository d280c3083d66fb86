"""Writes files of attestations, as a carrier's billing system tells who pays in time."""

import csv
import datetime as dt
from pathlib import Path

from tests.support.builders import TODAY
from tests.support.exports import resident

COLUMNS = (
    "account",
    "document_kind",
    "document_number",
    "months",
    "as_of",
    "consent",
    "consent_text",
    "consent_method",
    "consent_given_at",
    "consent_until",
    "consent_proof",
    "备注",
)


def good(account: str, serial: int = 1, **changes: str) -> dict[str, str]:
    """A resident who has paid for 40 months, with a consent of ten days ago."""
    row = {
        "account": account,
        "document_kind": "RESIDENT_ID",
        "document_number": resident(serial),
        "months": "40",
        "as_of": (TODAY - dt.timedelta(days=21)).isoformat(),
        "consent": f"CONSENT-{account}",
        "consent_text": "standard-1",
        "consent_method": "APP",
        "consent_given_at": f"{TODAY - dt.timedelta(days=10)} 09:30",
        "consent_until": (TODAY + dt.timedelta(days=300)).isoformat(),
        "consent_proof": "proof.pdf",
        "备注": "无",
    }
    return row | changes


def standing(path: Path, *rows: dict[str, str]) -> Path:
    """A file of attestations, with the proof of all consents beside it."""
    (path.parent / "proof.pdf").write_bytes(b"%PDF-1.7 a consent")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path
