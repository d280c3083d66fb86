"""A carrier's own terms for low grades, and the review of a decision that a grade made."""

from typing import Any, Final

from api.examples.tokens import DECISION
from api.examples.values import AT, OTHER_ID, RECORD_ID

NEW_CREDIT_TERMS: Final[dict[str, Any]] = {
    "service_class": "MOBILE",
    "tariff": "5G-129",
    "average_bill_fen": 129_00,
    "deposit_permille_of_bill": 2_000,
    "prepaid": True,
    "use": "BINDING",
    "effective_from": "2027-01-01",
}
CREDIT_TERMS: Final[dict[str, Any]] = {**NEW_CREDIT_TERMS, "terms_id": OTHER_ID, "set_at": AT}
CREDIT_TERMS_LIST: Final[dict[str, Any]] = {"in_force": [CREDIT_TERMS], "terms": [CREDIT_TERMS]}
NEW_GRADE_REVIEW: Final[dict[str, Any]] = {
    "decision_token": DECISION,
    "outcome": "LIFTED",
    "reason": "GOOD_RECORD_HERE",
    "asked_at": AT,
    "agent": "Y2xlYXJsaW5lLWFnZW50MQ",
    "approved_by": "Y2xlYXJsaW5lLWFnZW50Mg",
}
GRADE_REVIEW: Final[dict[str, Any]] = {
    "review_id": OTHER_ID,
    "inquiry_id": RECORD_ID,
    "outcome": "LIFTED",
    "reason": "GOOD_RECORD_HERE",
    "asked_at": AT,
    "due_on": "2026-11-25",
    "late": False,
    "reviewed_at": AT,
    "log_entry_id": OTHER_ID,
}
