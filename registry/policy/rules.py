"""Holds the rules as versioned values with effective dates; every record and decision names its version."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from protocol.context import STANDARD_CONSENT
from protocol.messages.rules import (
    FIRST_ACTIVATION,
    FIRST_ALTERNATIVES,
    FIRST_RECHECKS,
    ActivationTerms,
    AlternativeTerms,
    CollectionTerms,
    ConfirmationTerms,
    ContextTerms,
    DisputeTerms,
    EvidenceTerms,
    LateFeeRules,
    ListingRules,
    RecheckTerms,
    RetentionTerms,
    Rules,
    TakeOutTerms,
    TransferTerms,
)
from protocol.wire.codec import read
from registry.domain.money import COSTS_FIRST


class VersionUnknown(Exception):
    """A record or a case names a version that the book lacks: book and database do not belong together."""


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All versions, the earliest first; the version of its day judges an old case."""

    versions: tuple[Rules, ...]

    def __post_init__(self) -> None:
        dates = [each.effective_from for each in self.versions]
        if not dates or dates != sorted(set(dates)) or len({each.version for each in self.versions}) != len(dates):
            raise ValueError("rule versions must be distinct and in the order of their effective dates")

    def in_force(self, day: dt.date) -> Rules:
        """Return the version in force on a Beijing date; the first version also holds for the days before it."""
        chosen = self.versions[0]
        for each in self.versions:
            if each.effective_from <= day:
                chosen = each
        return chosen

    def version(self, name: str) -> Rules:
        """Return the version of a name. Raises VersionUnknown."""
        for each in self.versions:
            if each.version == name:
                return each
        raise VersionUnknown(name)


def context_terms(rules: Rules) -> ContextTerms:
    """Return the terms of a version for an inquiry's context; raises ValueError for figures that are no version."""
    if rules.context is None:
        raise ValueError("a version of the rules has terms for the context of inquiries")
    return rules.context


DEFAULT_RULES: Final = RuleBook(
    (
        Rules(
            version="2026-01",
            effective_from=dt.date(2026, 1, 1),
            listing=ListingRules(
                minimum_principal_fen=100_00, minimum_days_past_due=90, maximum_days_past_due=1_095, notice_lead_days=30
            ),
            late_fee=LateFeeRules(daily_ppm=3_000, cap_ppm=1_000_000),
            quote_valid_hours=72,
            decision_token_minutes=30,
            red_list_max_days=365,
            allocation=COSTS_FIRST,
            settlement_tolerance_fen=1_00,
            disputes=DisputeTerms(answer_days=15, close_days=20, lapse_days=30),
            victim_marker_months=24,
            reversal_max_days=180,
            plan_grace_days=5,
            notice_of_change_days=14,
            dispute_reminder_days=5,
            evidence=EvidenceTerms(required=False, answer_days=15),
            confirmation=ConfirmationTerms(max_age_days=0, lapse_days=60),
            collection=CollectionTerms(confirm_working_days=2, holidays=(), extra_workdays=()),
            retention=RetentionTerms(
                record_years=5, seal_days=200, closed_days=730, inquiry_months=24, event_days=400, answer_days=35
            ),
            free_statements_a_year=2,
            rebuttal_months=24,
            ended_link_days=180,
            take_outs=TakeOutTerms(daily_share_ppm=10_000, daily_least=20),
            transfers=TransferTerms(offer_days=90, undo_days=90),
            context=ContextTerms(consent_texts=(STANDARD_CONSENT,)),
            alternatives=read(AlternativeTerms, FIRST_ALTERNATIVES),
            rechecks=read(RecheckTerms, FIRST_RECHECKS),
            activation=read(ActivationTerms, FIRST_ACTIVATION),
        ),
    )
)
"""The founding rules. A change is a further version with a later effective date, never an edit."""
