"""Publishes the rules: which figures applied on which day."""

import datetime as dt
from typing import Any

from registry.policy.rules import Rules, beijing_date
from registry.usecases.context import Registry


def published_rules(registry: Registry, at: dt.date | None) -> dict[str, Any]:
    """The version in force on a Beijing date (today by default) and the dates of all versions."""
    chosen = registry.rules.in_force(at if at is not None else beijing_date(registry.clock()))
    return {
        **_document(chosen),
        "versions": [
            {"version": each.version, "effective_from": each.effective_from.isoformat()}
            for each in registry.rules.versions
        ],
    }


def _document(rules: Rules) -> dict[str, Any]:
    return {
        "version": rules.version,
        "effective_from": rules.effective_from.isoformat(),
        "minimum_principal_fen": rules.listing.minimum_principal_fen,
        "minimum_days_past_due": rules.listing.minimum_days_past_due,
        "notice_lead_days": rules.listing.notice_lead_days,
        "late_fee_daily_ppm": rules.late_fee.daily_ppm,
        "late_fee_cap_ppm": rules.late_fee.cap_ppm,
        "quote_valid_hours": rules.quote_valid_hours,
        "decision_token_minutes": rules.decision_token_minutes,
        "red_list_max_days": rules.red_list_max_days,
        "allocation": [part.value for part in rules.allocation],
        "settlement_tolerance_fen": rules.settlement_tolerance_fen,
        "dispute_answer_days": rules.disputes.answer_days,
        "dispute_close_days": rules.disputes.close_days,
        "dispute_lapse_days": rules.disputes.lapse_days,
        "victim_marker_months": rules.victim_marker_months,
        "reversal_max_days": rules.reversal_max_days,
        "plan_grace_days": rules.plan_grace_days,
    }
