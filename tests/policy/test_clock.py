"""The judgement of the clock: every reading has its say, and an outage is told from a jump."""

import datetime as dt
import uuid
from typing import Any

import pytest

from registry.domain.clock import ClockConfirmation, KnownTimes
from registry.policy.clock import (
    CONFIRMED_FOR,
    DEFAULT_CLOCK_TERMS,
    TRUSTED,
    ClockState,
    ClockTerms,
    Elapsed,
    Judgement,
    Reference,
    is_confirmed,
    is_too_much,
    judge,
    measure_of,
    words,
)
from tests.support.builders import NOW

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
INSTANT = dt.timedelta(microseconds=1)
JUMPS = [dt.timedelta(hours=1), DAY, 7 * 365 * DAY]
EMPTY = KnownTimes(confirmation=None, reading=None, newest_reading_at=None, newest_entry_at=None, outage_since=None)


def known(**changes: object) -> KnownTimes:
    given = {name: getattr(EMPTY, name) for name in KnownTimes.__slots__}
    return KnownTimes(**(given | changes))


def a_confirmation(**changes: Any) -> ClockConfirmation:
    values: dict[str, Any] = {
        "number": 1,
        "word_digest": bytes(32),
        "operator_id": "operator",
        "key_id": "operator-1",
        "confirmed_at": NOW,
        "newest_entry_at": None,
        "database_ahead_ms": 0,
        "log_entry_id": uuid.UUID(int=1),
    }
    return ClockConfirmation(**(values | changes))


def judged(
    now: dt.datetime = NOW,
    *,
    database: dt.datetime | None = None,
    elapsed: Elapsed | None = None,
    times: KnownTimes = EMPTY,
) -> Judgement:
    database = now if database is None else database
    return judge(now, database=database, elapsed=elapsed, known=times, terms=DEFAULT_CLOCK_TERMS)


def test_a_registry_that_knows_of_no_time_trusts_what_clock_and_database_agree_on() -> None:
    assert judged() == TRUSTED
    assert measure_of(EMPTY) is None


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("side", [1, -1])
def test_a_clock_that_the_database_contradicts_is_not_trusted(jump: dt.timedelta, side: int) -> None:
    found = judged(NOW + side * jump, database=NOW)
    assert (found.state, found.reference, found.ahead) == (ClockState.DIFFERS, Reference.DATABASE, side * jump)
    assert not found.acts
    assert not found.ends


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("side", [1, -1])
def test_a_clock_that_jumped_against_the_steady_clock_is_not_trusted(jump: dt.timedelta, side: int) -> None:
    """Both wall clocks of one machine jump together: only what nobody sets tells."""
    found = judged(NOW + MINUTE + side * jump, elapsed=Elapsed(since=NOW, passed=MINUTE))
    assert (found.state, found.reference, found.ahead) == (ClockState.DIFFERS, Reference.STEADY, side * jump)


def test_a_clock_that_is_steered_is_trusted_over_months() -> None:
    passed = 60 * DAY
    assert judged(NOW + passed + 20 * MINUTE, elapsed=Elapsed(since=NOW, passed=passed)) == TRUSTED
    assert judged(NOW + 6 * MINUTE, elapsed=Elapsed(since=NOW, passed=dt.timedelta())).state is ClockState.DIFFERS


@pytest.mark.parametrize("jump", JUMPS)
@pytest.mark.parametrize("newest", ["newest_entry_at", "newest_reading_at"])
def test_a_clock_behind_the_newest_time_is_not_trusted(jump: dt.timedelta, newest: str) -> None:
    found = judged(NOW - jump, times=known(**{newest: NOW}))
    assert (found.state, found.reference, found.ahead) == (ClockState.DIFFERS, Reference.NEWEST, -jump)


def test_less_than_the_bound_is_no_difference() -> None:
    newest = known(newest_entry_at=NOW + 4 * MINUTE)
    assert judged(database=NOW + 4 * MINUTE, elapsed=Elapsed(since=NOW, passed=4 * MINUTE), times=newest) == TRUSTED


def test_the_bounds_of_the_clock_are_these() -> None:
    assert ClockTerms(bound=5 * MINUTE, outage=7 * DAY, round_count=1_000, round_percent=10) == DEFAULT_CLOCK_TERMS
    assert CONFIRMED_FOR == DAY


@pytest.mark.parametrize("side", [1, -1])
def test_each_reading_may_differ_by_the_bound_and_by_no_more(side: int) -> None:
    counted = 10_000 * DAY
    steered = counted + side * (5 * MINUTE + 5 * DAY)  # 500 ppm of what was counted
    for off, state in ((dt.timedelta(), ClockState.TRUSTED), (side * INSTANT, ClockState.DIFFERS)):
        assert judged(database=NOW + side * 5 * MINUTE + off).state is state
        assert judged(NOW + steered + off, elapsed=Elapsed(since=NOW, passed=counted)).state is state


def test_a_gap_is_as_long_as_an_outage_from_the_first_moment_after_its_bound() -> None:
    for off, state in ((-INSTANT, ClockState.DIFFERS), (dt.timedelta(), ClockState.TRUSTED)):
        assert judged(NOW - 5 * MINUTE + off, times=known(newest_entry_at=NOW)).state is state
    for off, state in ((dt.timedelta(), ClockState.TRUSTED), (INSTANT, ClockState.OUTAGE)):
        assert judged(NOW + 7 * DAY + off, times=known(newest_reading_at=NOW)).state is state


def test_an_outage_falls_with_a_clock_that_goes_back_to_before_it_by_more_than_the_bound() -> None:
    times = known(newest_reading_at=NOW, outage_since=NOW + DAY)
    assert judged(NOW + DAY - 5 * MINUTE, times=times).state is ClockState.OUTAGE
    assert judged(NOW + DAY - 5 * MINUTE - INSTANT, times=times) == TRUSTED


def test_a_gap_of_six_days_is_a_short_outage_and_of_sixty_a_long_one() -> None:
    assert judged(NOW + 6 * DAY, times=known(newest_entry_at=NOW)) == TRUSTED
    found = judged(NOW + 30 * DAY, times=known(newest_reading_at=NOW - DAY, newest_entry_at=NOW))
    assert (found.state, found.ahead, found.is_new) == (ClockState.OUTAGE, 30 * DAY, True)
    assert found.acts
    assert not found.ends


def test_after_an_outage_no_act_begins_another_years_tree() -> None:
    found = judged(NOW + 60 * DAY, times=known(newest_entry_at=NOW))
    assert (found.state, found.begins_year, found.acts) == (ClockState.OUTAGE, True, False)


def test_who_counted_the_gap_knows_that_it_was_none() -> None:
    elapsed = Elapsed(since=NOW, passed=60 * DAY)
    assert judged(NOW + 60 * DAY, elapsed=elapsed, times=known(newest_entry_at=NOW)) == TRUSTED


def test_an_outage_stands_although_entries_follow_it_and_falls_with_a_clock_that_goes_back() -> None:
    since = NOW + 30 * DAY
    served = known(newest_entry_at=since + DAY, outage_since=since)
    found = judged(since + DAY, times=served)
    assert (found.state, found.is_new) == (ClockState.OUTAGE, False)
    assert judged(NOW + DAY, times=known(newest_entry_at=NOW, outage_since=since)) == TRUSTED


def test_a_confirmed_time_is_the_measure_in_the_place_of_an_entry_that_is_dated_years_ahead() -> None:
    ahead = NOW + 7 * 365 * DAY
    assert judged(times=known(newest_entry_at=ahead)).state is ClockState.DIFFERS
    confirmed = known(confirmation=a_confirmation(newest_entry_at=ahead), newest_entry_at=ahead)
    assert judged(times=confirmed) == TRUSTED
    assert measure_of(confirmed) == NOW
    assert judged(NOW + 30 * DAY, times=confirmed).state is ClockState.OUTAGE
    later = known(
        confirmation=a_confirmation(newest_entry_at=ahead), newest_entry_at=ahead, newest_reading_at=NOW + 29 * DAY
    )
    assert judged(NOW + 30 * DAY, times=later) == TRUSTED


def test_entries_after_a_confirmation_measure_again() -> None:
    confirmation = a_confirmation(newest_entry_at=NOW - DAY)
    found = judged(NOW + DAY, times=known(confirmation=confirmation, newest_entry_at=NOW + 2 * DAY))
    assert (found.state, found.reference) == (ClockState.DIFFERS, Reference.NEWEST)


def test_a_confirmation_accepts_by_how_much_the_database_is_off_and_no_more() -> None:
    hour = 3_600_000
    confirmed = known(confirmation=a_confirmation(database_ahead_ms=hour))
    for database in (NOW + dt.timedelta(hours=1), NOW):
        assert judged(database=database, times=confirmed) == TRUSTED
    assert judged(database=NOW - dt.timedelta(hours=1), times=confirmed).state is ClockState.DIFFERS


@pytest.mark.parametrize(
    ("count", "total", "much"),
    [(1_000, 1_000, False), (1_001, 10_010, False), (1_001, 10_009, True), (50_000, 1_000_000, False)],
)
def test_a_round_is_too_large_beyond_the_number_and_the_share(count: int, total: int, much: bool) -> None:
    assert is_too_much(count, total, DEFAULT_CLOCK_TERMS) is much


def test_a_confirmation_lets_large_rounds_go_for_a_day() -> None:
    confirmed = known(confirmation=a_confirmation())
    assert not is_confirmed(EMPTY, NOW, DEFAULT_CLOCK_TERMS)
    assert is_confirmed(confirmed, NOW + DAY, DEFAULT_CLOCK_TERMS)
    assert not is_confirmed(confirmed, NOW + DAY + INSTANT, DEFAULT_CLOCK_TERMS)
    assert is_confirmed(confirmed, NOW - 5 * MINUTE, DEFAULT_CLOCK_TERMS)
    assert not is_confirmed(confirmed, NOW - 5 * MINUTE - INSTANT, DEFAULT_CLOCK_TERMS)


def test_each_judgement_has_its_sentence() -> None:
    assert words(TRUSTED) == "the clock is trusted"
    assert "registry clock confirm" in words(judged(NOW + 30 * DAY, times=known(newest_entry_at=NOW)))
    assert "3600 s ahead of the database server's clock" in words(judged(NOW + dt.timedelta(hours=1), database=NOW))
    steady = judged(NOW - dt.timedelta(hours=1), elapsed=Elapsed(since=NOW, passed=dt.timedelta()))
    assert "3600 s behind what the machine's steady clock counted" in words(steady)
    assert "behind the newest time" in words(judged(NOW - DAY, times=known(newest_entry_at=NOW)))
