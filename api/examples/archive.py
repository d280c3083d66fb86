"""A regulator's order, an adjudicator's finding, and a sealed record."""

from typing import Any, Final

from api.examples.values import AT, RECORD_ID

ORDER: Final[dict[str, Any]] = {"order_reference": "T1JEIk9SREVSIk9SREVSIk9SREVSIk9SREVSIk9SRAA"}
FINDING: Final[dict[str, Any]] = {"finding_digest": "RklORElOR0ZJTkRJTkdGSU5ESU5HRklORElOR0ZJTgA"}
ARCHIVED: Final[dict[str, Any]] = {
    "record_id": RECORD_ID,
    "creditor": "carrier-a",
    "state": "CLEARED",
    "listed_on": "2026-03-01",
    "closed_at": AT,
    "sealed_at": AT,
    "purge_on": "2028-11-20",
    "tables": {"record": [{"record_id": RECORD_ID, "state": "CLEARED", "principal_fen": 12_000, "version": 3}]},
}
