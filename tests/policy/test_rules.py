"""Rules are versions with effective dates: old rule for old case."""

import dataclasses
import datetime as dt

import pytest

from protocol.beijing import beijing_date
from registry.policy.rules import DEFAULT_RULES, RuleBook, VersionUnknown

FIRST = DEFAULT_RULES.versions[0]
SECOND = dataclasses.replace(FIRST, version="2027-01", effective_from=dt.date(2027, 1, 1))


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
