"""Rules are versions with effective dates: old rule for old case."""

import dataclasses
import datetime as dt
import functools
from typing import Any

import pytest

from protocol.beijing import beijing_date
from protocol.wire.codec import write
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.rules import DEFAULT_RULES, RuleBook, VersionUnknown
from tests.policy.bounds import BOUNDS

FIRST = DEFAULT_RULES.versions[0]
FIGURES = {
    "listing.minimum_principal_fen": (100_00, 1, 100_000_00),
    "listing.minimum_days_past_due": (90, 30, 1_095),
    "listing.maximum_days_past_due": (1_095, 30, 1_095),
    "listing.notice_lead_days": (30, 1, 365),
    "late_fee.daily_ppm": (3_000, 0, 3_000),
    "late_fee.cap_ppm": (1_000_000, 0, 1_000_000),
    "quote_valid_hours": (72, 1, 744),
    "decision_token_minutes": (30, 1, 1_440),
    "red_list_max_days": (365, 1, 366),
    "settlement_tolerance_fen": (1_00, 0, 100_00),
    "reversal_max_days": (180, 0, 730),
    "disputes.answer_days": (15, 1, 60),
    "disputes.close_days": (20, 2, 120),
    "disputes.lapse_days": (30, 1, 120),
    "victim_marker_months": (24, 1, 120),
    "plan_grace_days": (5, 0, 60),
    "notice_of_change_days": (14, 1, 365),
    "dispute_reminder_days": (5, 0, 59),
    "evidence.answer_days": (15, 1, 120),
    "confirmation.max_age_days": (0, 0, 365),
    "confirmation.lapse_days": (60, 1, 365),
    "collection.confirm_working_days": (2, 1, 30),
    "retention.record_years": (5, 1, 5),
    "retention.seal_days": (200, 1, 1_095),
    "retention.closed_days": (730, 1, 1_826),
    "retention.inquiry_months": (24, 1, 60),
    "retention.event_days": (400, 30, 1_826),
    "retention.answer_days": (35, 1, 366),
    "free_statements_a_year": (2, 2, 366),
    "rebuttal_months": (24, 1, 120),
    "ended_link_days": (180, 1, 366),
    "take_outs.daily_share_ppm": (10_000, 0, 100_000),
    "take_outs.daily_least": (20, 1, 1_000),
    "transfers.offer_days": (90, 1, 366),
    "transfers.undo_days": (90, 0, 366),
    "alternatives.deposit_up_to_fen": (0, 0, 100_000_00),
    "alternatives.deposit_fen.MOBILE": (100_00, 1, 10_000_00),
    "alternatives.deposit_fen.FIXED_VOICE": (100_00, 1, 10_000_00),
    "alternatives.deposit_fen.BROADBAND": (200_00, 1, 10_000_00),
    "alternatives.deposit_fen.IPTV": (100_00, 1, 10_000_00),
    "rechecks.days": (30, 1, 90),
    "rechecks.most": (20, 1, 20),
    "activation.report_days": (90, 30, 366),
    "activation.correct_days": (30, 1, 90),
    "activation.find_days": (7, 1, 90),
    "activation.cancel_days": (400, 30, 400),
    "grade.base": (500, 0, 1_000),
    "grade.history_days": (180, 0, 1_094),
    "grade.limit_bills.A": (3, 0, 24),
    "grade.limit_bills.B": (2, 0, 24),
    "grade.limit_bills.C": (1, 0, 24),
    "grade.average_bill_fen.MOBILE": (59_00, 1, 10_000_00),
    "grade.average_bill_fen.FIXED_VOICE": (30_00, 1, 10_000_00),
    "grade.average_bill_fen.BROADBAND": (80_00, 1, 10_000_00),
    "grade.average_bill_fen.IPTV": (30_00, 1, 10_000_00),
    "grade.deposit.cap_fen": (500_00, 0, 100_000_00),
    "grade.deposit.months": (12, 1, 24),
    "grade.deposit.bills_in_time": (6, 1, 24),
    "grade.deposit.end_days": (15, 1, 60),
    "grade.deposit.interest_ppm_year": (0, 0, 200_000),
    "grade.review_working_days": (3, 1, 15),
    "grade.attestations.most_days": (365, 30, 365),
    "grade.attestations.demand_working_days": (10, 1, 30),
    "grade.attestations.ending_days": (30, 1, 90),
}
"""Each whole number of the founding rules and of the first grade, and the least and the most of a later version."""
SECOND = dataclasses.replace(FIRST, version="2027-01", effective_from=dt.date(2027, 1, 1))


def at(document: dict[str, Any], path: str) -> object:
    return functools.reduce(lambda part, name: part[name], path.split("."), document)


def test_the_founding_rules_are_these_and_a_later_version_stays_within_these_bounds() -> None:
    document = write(FIRST)
    assert "grade" not in document, "the founding rules grade nobody"
    document["grade"] = FIRST_GRADE
    assert {path: (at(document, path), *bounds) for path, bounds in BOUNDS.items()} == FIGURES
    assert (document["version"], document["effective_from"]) == ("2026-01", "2026-01-01")
    assert document["allocation"] == ["COSTS", "FEES", "PRINCIPAL"]
    assert document["evidence"]["required"] is False
    assert document["alternatives"]["prepaid_services"] == ["MOBILE", "BROADBAND"]
    assert (document["collection"]["holidays"], document["collection"]["extra_workdays"]) == ([], [])
    assert len(DEFAULT_RULES.versions) == 1


def test_a_day_is_judged_by_the_version_in_force_on_it() -> None:
    book = RuleBook((FIRST, SECOND))
    assert book.in_force(dt.date(2026, 12, 31)) is FIRST
    assert book.in_force(dt.date(2027, 1, 1)) is SECOND


def test_the_first_version_speaks_for_the_days_before_it() -> None:
    assert RuleBook((FIRST, SECOND)).in_force(dt.date(2020, 1, 1)) is FIRST


def test_a_version_is_found_by_its_name() -> None:
    assert RuleBook((FIRST, SECOND)).version("2027-01") is SECOND
    with pytest.raises(VersionUnknown, match="2028-01"):
        RuleBook((FIRST, SECOND)).version("2028-01")


@pytest.mark.parametrize(
    "versions",
    [(), (SECOND, FIRST), (FIRST, FIRST), (FIRST, dataclasses.replace(SECOND, version=FIRST.version))],
)
def test_a_book_out_of_order_is_refused(versions: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="distinct"):
        RuleBook(versions)  # type: ignore[arg-type]  # that is the point


def test_the_day_is_the_day_in_beijing() -> None:
    assert beijing_date(dt.datetime(2026, 11, 20, 16, 0, tzinfo=dt.UTC)) == dt.date(2026, 11, 21)
    assert beijing_date(dt.datetime(2026, 11, 20, 15, 59, tzinfo=dt.UTC)) == dt.date(2026, 11, 20)
