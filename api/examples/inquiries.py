"""An inquiry, its answer and the quote that it leads to."""

from typing import Any, Final

from api.examples.tokens import DECISION, RECHECKED
from api.examples.values import AT, RECORD_ID, REFERENCE, TOKENS

CONTEXT: Final[dict[str, Any]] = {
    "purpose": "NEW_LINE",
    "channel": "OUTLET",
    "outlet": "SH-PD-0123",
    "identity": "READER",
    "household": {
        "register": {"state": "NOT_GIVEN"},
        "address": {"state": "NOT_CANONICAL", "source": "PREMISES"},
    },
    "consent": {"text": "standard-1", "ref": "Y2xlYXJsaW5lLWNvbnNlbg"},
    "order": "Y2xlYXJsaW5lLW9yZGVyMQ",
    "agent": "Y2xlYXJsaW5lLWFnZW50MQ",
}
INQUIRY: Final[dict[str, Any]] = {
    "inquiry_ref": "counter-17",
    "tokens": TOKENS,
    "service_class": "BROADBAND",
    "context": CONTEXT,
}
INQUIRY_BATCH: Final[dict[str, Any]] = {"inquiries": [INQUIRY]}
INQUIRY_ANSWER: Final[dict[str, Any]] = {
    "inquiry_ref": "counter-17",
    "inquiry_id": RECORD_ID,
    "decision": "PAY_FIRST",
    "reasons": ["OWN_ARREARS"],
    "remedies": ["PAY_QUOTE", "DISPUTE_RECORD"],
    "rules_version": "2026-01",
    "decided_at": AT,
    "decision_token": DECISION,
    "quote": {
        "reference": REFERENCE,
        "service_classes": ["MOBILE"],
        "creditors": 1,
        "principal_fen": 35_800,
        "late_fee_fen": 25_239,
        "costs_fen": 0,
        "total_fen": 61_039,
        "valid_until": "2026-11-24T08:00:00.000000Z",
    },
    "checked": ["subject"],
    "unchecked": {"household_register": "NOT_GIVEN", "household_address": "NOT_CANONICAL"},
    "valid_until": "2026-11-21T08:30:00.000000Z",
    "alternatives": [{"kind": "PREPAID_ONLY"}],
}
RECHECK: Final[dict[str, Any]] = {"inquiry_ref": "counter-17", "decision_token": DECISION}
RECHECK_ANSWER: Final[dict[str, Any]] = {**INQUIRY_ANSWER, "decision_token": RECHECKED, "changed": False}
INQUIRY_ANSWERS: Final[dict[str, Any]] = {"answers": [INQUIRY_ANSWER]}
QUOTE: Final[dict[str, Any]] = {
    "reference": REFERENCE,
    "quoted_at": AT,
    "valid_until": "2026-11-24T08:00:00.000000Z",
    "records": 1,
    "creditors": [
        {
            "creditor": "carrier-a",
            "creditor_name": "Carrier A",
            "how_to_pay": "Any shop of Carrier A, or 10000",
            "records": 1,
            "principal_fen": 35_800,
            "late_fee_fen": 25_239,
            "costs_fen": 0,
            "total_fen": 61_039,
        }
    ],
    "lines": [
        {
            "creditor": "carrier-a",
            "creditor_name": "Carrier A",
            "how_to_pay": "Any shop of Carrier A, or 10000",
            "service_class": "MOBILE",
            "principal_fen": 35_800,
            "late_fee_fen": 25_239,
            "costs_fen": 0,
            "settled": False,
        }
    ],
    "total_fen": 61_039,
}
