"""A creditor charges less than the rules allow, never more, and only on what it lists from then on."""

import datetime as dt
import uuid

import pytest

from protocol.messages.rules import LateFeeRules, NewCreditorTerms
from registry.domain.creditor_terms import FeeTerms, TermsAboveRules, check_within, fee_when_listed, terms_on
from tests.support.builders import NOW, TODAY

RULES = LateFeeRules(daily_ppm=3_000, cap_ppm=1_000_000)


def terms(number: int, days: int, daily_ppm: int = 1_000, cap_ppm: int = 500_000) -> FeeTerms:
    return FeeTerms(
        creditor_id="carrier-a",
        terms_id=uuid.UUID(int=number),
        effective_from=TODAY + dt.timedelta(days=days),
        daily_ppm=daily_ppm,
        cap_ppm=cap_ppm,
        set_at=NOW + dt.timedelta(minutes=number),
        log_entry_id=uuid.UUID(int=number),
    )


def asked(daily_ppm: int, cap_ppm: int) -> NewCreditorTerms:
    return NewCreditorTerms(daily_ppm=daily_ppm, cap_ppm=cap_ppm, effective_from=TODAY)


def test_the_terms_of_a_day_are_the_latest_that_have_begun() -> None:
    first, second, corrected = terms(1, 0), terms(2, 10), terms(3, 10)
    every = (second, corrected, first)
    assert terms_on(every, TODAY - dt.timedelta(days=1)) is None
    assert terms_on(every, TODAY) is first
    assert terms_on(every, TODAY + dt.timedelta(days=9)) is first
    assert terms_on(every, TODAY + dt.timedelta(days=10)) is corrected
    assert terms_on((), TODAY) is None


@pytest.mark.parametrize(("daily_ppm", "cap_ppm", "field"), [(3_001, 0, "daily_ppm"), (0, 1_000_001, "cap_ppm")])
def test_more_than_the_rules_allow_is_refused_by_its_field(daily_ppm: int, cap_ppm: int, field: str) -> None:
    with pytest.raises(TermsAboveRules) as refused:
        check_within(asked(daily_ppm, cap_ppm), RULES)
    assert refused.value.field == field


def test_as_much_as_the_rules_allow_is_within_them() -> None:
    check_within(asked(3_000, 1_000_000), RULES)


def test_a_record_gets_the_lower_of_both_figures() -> None:
    assert fee_when_listed(None, RULES) == RULES
    assert fee_when_listed(terms(1, 0), RULES) == LateFeeRules(daily_ppm=1_000, cap_ppm=500_000)
    lowered = LateFeeRules(daily_ppm=500, cap_ppm=900_000)
    assert fee_when_listed(terms(1, 0), lowered) == LateFeeRules(daily_ppm=500, cap_ppm=500_000)
