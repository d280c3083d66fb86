"""A case, its documents, and a victim's marker."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID, PDF, TOKENS

DISPUTE_FILING: Final[dict[str, Any]] = {"tokens": TOKENS, "ground": "ALREADY_PAID", "creditor": "carrier-a"}
DISPUTE: Final[dict[str, Any]] = {
    "dispute_id": OTHER_ID,
    "state": "OPEN",
    "version": 1,
    "ground": "ALREADY_PAID",
    "creditor": "carrier-a",
    "service_class": "MOBILE",
    "principal_fen": 35_800,
    "costs_fen": 0,
    "paid_fen": 0,
    "record_state": "DISPUTED",
    "stops_enforcement": True,
    "filed_by": "carrier-b",
    "filed_at": AT,
    "answer_due": "2026-12-06",
    "close_due": "2026-12-11",
    "lapse_due": "2027-01-05",
    "answer": None,
    "answered_at": None,
    "outcome": None,
    "closed_at": None,
    "rules_version": "2026-01",
}
DISPUTES: Final[dict[str, Any]] = {"disputes": [DISPUTE]}
DISPUTE_PAGE: Final[dict[str, Any]] = {"disputes": [DISPUTE], "next": None}
DISPUTE_ANSWER: Final[dict[str, Any]] = {"answer": "PAYMENT_NOT_RECEIVED", "expected_version": 1}
DISPUTE_DECISION: Final[dict[str, Any]] = {"decision": "UPHOLD", "expected_version": 2}
NEW_DISPUTE_DOCUMENT: Final[dict[str, Any]] = {"side": "FILER", "content": PDF}
DISPUTE_DOCUMENT: Final[dict[str, Any]] = {
    "document_id": OTHER_ID,
    "dispute_id": OTHER_ID,
    "side": "FILER",
    "media_type": "application/pdf",
    "content_bytes": 9,
    "added_at": AT,
}
DISPUTE_DOCUMENTS: Final[dict[str, Any]] = {"documents": [DISPUTE_DOCUMENT]}
OPENED_DOCUMENT: Final[dict[str, Any]] = {**DISPUTE_DOCUMENT, "content": PDF}
VICTIM_RENEWAL: Final[dict[str, Any]] = {"tokens": TOKENS}
VICTIM_MARKER: Final[dict[str, Any]] = {"until": "2028-11-21"}
