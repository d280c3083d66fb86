"""A demand for a document, and the document that meets it."""

from typing import Any, Final

from api.examples.values import ACCOUNT, AT, OTHER_ID, PDF, RECORD_ID

NEW_DEMAND: Final[dict[str, Any]] = {"document": "BILL", "bill": 2}
DEMAND: Final[dict[str, Any]] = {
    "demand_id": OTHER_ID,
    "record_id": RECORD_ID,
    "creditor": "carrier-a",
    "demanded_by": "auditor",
    "document": "BILL",
    "bill": 2,
    "digest": ACCOUNT,
    "state": "OPEN",
    "answers": 0,
    "demanded_at": AT,
    "answer_due": "2026-12-06",
    "rules_version": "2026-01",
}
DEMANDS: Final[dict[str, Any]] = {"demands": [DEMAND], "next": None}
EVIDENCE_ANSWER: Final[dict[str, Any]] = {"salt": ACCOUNT, "content": PDF}
SHOWN_DOCUMENT: Final[dict[str, Any]] = {
    "demand_id": OTHER_ID,
    "media_type": "application/pdf",
    "content_bytes": 9,
    "content": PDF,
}
