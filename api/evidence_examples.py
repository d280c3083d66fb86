"""The made-up values of what a creditor says and shows of its records, for the OpenAPI document."""

from typing import Any, Final

from api.examples import ACCOUNT, AT, OTHER_ID, RECORD_ID

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
EVIDENCE_ANSWER: Final[dict[str, Any]] = {"salt": ACCOUNT, "content": "JVBERi0xLjcg"}
SHOWN_DOCUMENT: Final[dict[str, Any]] = {
    "demand_id": OTHER_ID,
    "media_type": "application/pdf",
    "content_bytes": 9,
    "content": "JVBERi0xLjcg",
}
CONFIRMATIONS: Final[dict[str, Any]] = {"record_ids": [RECORD_ID, OTHER_ID]}
CONFIRMED_RECORDS: Final[dict[str, Any]] = {
    "confirmations": [
        {"record_id": RECORD_ID, "outcome": "CONFIRMED"},
        {"record_id": OTHER_ID, "outcome": "NOT_PENDING"},
    ]
}
