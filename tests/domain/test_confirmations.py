"""When a creditor is asked whether a debt is still unpaid, and what comes of its word or its silence."""

import datetime as dt
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from protocol.messages.rules import ConfirmationTerms
from protocol.states import RecordState
from registry.domain.confirmations import ClockStep, asked, clock_step, confirmed, with_next_look
from registry.domain.records import Record
from tests.support.builders import TODAY, a_record

NOBODY_ASKS = ConfirmationTerms(max_age_days=0, lapse_days=60)
TERMS = ConfirmationTerms(max_age_days=7, lapse_days=60)


def day(number: int) -> dt.date:
    """Day 0 is the first on which the record may block."""
    return TODAY + dt.timedelta(days=number)


def waiting(reported: int, terms: ConfirmationTerms = TERMS) -> Record:
    record = a_record(state=RecordState.PENDING, enforceable_from=day(0))
    return confirmed(record, day(reported), terms)


def step(record: Record, number: int, terms: ConfirmationTerms = TERMS) -> ClockStep:
    return clock_step(record, day(number), terms)


def test_where_nobody_asks_the_lead_time_is_enough() -> None:
    record = waiting(-300, NOBODY_ASKS)
    assert [step(record, n, NOBODY_ASKS) for n in (-1, 0, 500)] == [
        ClockStep.WAIT,
        ClockStep.ENFORCE,
        ClockStep.ENFORCE,
    ]
    assert record.clock_on == day(0)


def test_a_report_of_the_very_day_or_of_the_last_days_counts_as_a_word() -> None:
    assert step(waiting(0), 0) is ClockStep.ENFORCE
    assert step(waiting(-7), 0) is ClockStep.ENFORCE
    assert step(waiting(40), 40) is ClockStep.ENFORCE


def test_an_older_word_is_asked_for_again_as_soon_as_the_new_one_will_hold() -> None:
    record = waiting(-8)
    assert record.clock_on == day(-7)
    assert [step(record, n) for n in (-8, -7)] == [ClockStep.WAIT, ClockStep.ASK]
    once = asked(record, day(-7), TERMS)
    assert [step(once, n) for n in (-7, 0, 60, 61)] == [ClockStep.WAIT, ClockStep.WAIT, ClockStep.WAIT, ClockStep.LAPSE]
    assert once.clock_on == day(61)


def test_the_answer_lets_the_record_block_when_its_time_has_come() -> None:
    answered = confirmed(asked(waiting(-30), day(-7), TERMS), day(-3), TERMS)
    assert [step(answered, n) for n in (-3, 0, 4)] == [ClockStep.WAIT, ClockStep.ENFORCE, ClockStep.ENFORCE]
    assert answered.clock_on == day(0)


def test_a_word_that_the_clock_slept_through_is_asked_for_anew() -> None:
    answered = confirmed(asked(waiting(-30), day(-7), TERMS), day(-3), TERMS)
    assert step(answered, 5) is ClockStep.ASK
    again = asked(answered, day(5), TERMS)
    assert [step(again, n) for n in (5, 65, 66)] == [ClockStep.WAIT, ClockStep.WAIT, ClockStep.LAPSE]


def test_a_clock_that_asks_late_takes_no_days_of_the_answer_away() -> None:
    late = asked(waiting(-30), day(200), TERMS)
    assert [step(late, n) for n in (260, 261)] == [ClockStep.WAIT, ClockStep.LAPSE]


def test_a_later_notice_makes_the_word_too_old_again() -> None:
    answered = confirmed(asked(waiting(-30), day(-7), TERMS), day(-3), TERMS)
    later = with_next_look(a_record(**_of(answered) | {"enforceable_from": day(30)}), TERMS)
    assert later.clock_on == day(23)
    assert step(later, 23) is ClockStep.ASK


def _of(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in ("state", "confirmed_on", "asked_on")}


def _lives(record: Record, terms: ConfirmationTerms, words: set[int]) -> Iterator[tuple[int, Record, ClockStep]]:
    for number in range(-60, 200):
        if number in words:
            record = confirmed(record, day(number), terms)
        done = clock_step(record, day(number), terms)
        yield number, record, done
        if done is ClockStep.ASK:
            record = asked(record, day(number), terms)
        elif done is not ClockStep.WAIT:
            return


@given(st.integers(0, 40), st.integers(0, 90), st.sets(st.integers(-60, 199), max_size=5))
def test_the_clock_looks_exactly_when_it_has_something_to_do(max_age: int, lapse: int, words: set[int]) -> None:
    terms = ConfirmationTerms(max_age_days=max_age, lapse_days=lapse)
    for number, record, done in _lives(waiting(-60, terms), terms, words):
        assert (record.clock_on <= day(number)) is (done is not ClockStep.WAIT)


@given(st.integers(1, 40), st.integers(0, 90), st.sets(st.integers(-60, 199), max_size=5))
def test_nothing_blocks_on_an_old_word_and_nothing_waits_for_ever(max_age: int, lapse: int, words: set[int]) -> None:
    terms = ConfirmationTerms(max_age_days=max_age, lapse_days=lapse)
    *_, (number, record, done) = _lives(waiting(-60, terms), terms, words)
    assert record.confirmed_on is not None
    if done is ClockStep.ENFORCE:
        assert number >= 0
        assert (day(number) - record.confirmed_on).days <= max_age
    else:
        assert done is ClockStep.LAPSE
        assert number > lapse
