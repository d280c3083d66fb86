"""The rules, their versions, and a creditor's own terms."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID
from protocol.messages.rules import FIRST_ACTIVATION, FIRST_ALTERNATIVES, FIRST_RECHECKS
from protocol.states import DebtPart

RULES: Final[dict[str, Any]] = {
    "version": "2026-01",
    "effective_from": "2026-01-01",
    "listing": {
        "minimum_principal_fen": 10_000,
        "minimum_days_past_due": 90,
        "maximum_days_past_due": 1_095,
        "notice_lead_days": 30,
    },
    "late_fee": {"daily_ppm": 3_000, "cap_ppm": 1_000_000},
    "quote_valid_hours": 72,
    "decision_token_minutes": 30,
    "red_list_max_days": 365,
    "allocation": [DebtPart.COSTS.value, DebtPart.FEES.value, DebtPart.PRINCIPAL.value],
    "settlement_tolerance_fen": 100,
    "reversal_max_days": 180,
    "disputes": {"answer_days": 15, "close_days": 20, "lapse_days": 30},
    "victim_marker_months": 24,
    "plan_grace_days": 5,
    "notice_of_change_days": 14,
    "dispute_reminder_days": 5,
    "evidence": {"required": False, "answer_days": 15},
    "confirmation": {"max_age_days": 0, "lapse_days": 60},
    "collection": {"confirm_working_days": 2, "holidays": ["2026-10-01"], "extra_workdays": ["2026-10-10"]},
    "retention": {
        "record_years": 5,
        "seal_days": 200,
        "closed_days": 730,
        "inquiry_months": 24,
        "event_days": 400,
        "answer_days": 35,
    },
    "free_statements_a_year": 2,
    "rebuttal_months": 24,
    "ended_link_days": 180,
    "take_outs": {"daily_share_ppm": 10_000, "daily_least": 20},
    "transfers": {"offer_days": 90, "undo_days": 90},
    "context": {"consent_texts": ["standard-1"]},
    "alternatives": FIRST_ALTERNATIVES,
    "rechecks": FIRST_RECHECKS,
    "activation": FIRST_ACTIVATION,
}
PUBLISHED_RULES: Final[dict[str, Any]] = {
    "rules": RULES,
    "versions": [
        {"version": "2026-01", "effective_from": "2026-01-01"},
        {"version": "2027-01", "effective_from": "2027-01-01"},
    ],
}
RULES_VERSION: Final[dict[str, Any]] = {
    "rules": RULES,
    "state": "APPROVED",
    "sha256": "5e" * 32,
    "proposed_by": "operator",
    "proposed_at": AT,
    "approved_by": "regulator",
    "approved_at": AT,
}
RULES_APPROVAL: Final[dict[str, Any]] = {"sha256": "5e" * 32}
NEW_CREDITOR_TERMS: Final[dict[str, Any]] = {"daily_ppm": 1_000, "cap_ppm": 500_000, "effective_from": "2027-01-01"}
CREDITOR_TERMS: Final[dict[str, Any]] = {**NEW_CREDITOR_TERMS, "terms_id": OTHER_ID, "set_at": AT}
CREDITOR_TERMS_LIST: Final[dict[str, Any]] = {"in_force": CREDITOR_TERMS, "terms": [CREDITOR_TERMS]}
