"""Instalment plans: what covers a debt, and the day on which one is missed."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.messages.plans import Instalment
from protocol.states import PlanState
from registry.domain.plans import PlanInvalid, broken_from, check_instalments, ended, is_broken, paid_on, state_on
from tests.support.builders import NOW, TODAY
from tests.support.plans import TWO, a_plan, after, instalments


@pytest.mark.parametrize("agreed", [TWO, instalments((0, 200_00)), instalments((1, 150_00), (2, 150_00))])
def test_instalments_that_cover_the_debt_from_today_on_are_a_plan(agreed: tuple[Instalment, ...]) -> None:
    check_instalments(agreed, 200_00, TODAY)


@pytest.mark.parametrize(
    ("agreed", "code"),
    [
        ((), "out-of-order"),
        (instalments((60, 100_00), (30, 100_00)), "out-of-order"),
        (instalments((30, 100_00), (30, 100_00)), "out-of-order"),
        (instalments((-1, 200_00)), "in-the-past"),
        (instalments((-1, 100_00), (30, 100_00)), "in-the-past"),
        (instalments((30, 100_00), (60, 99_99)), "less-than-owed"),
    ],
)
def test_other_instalments_are_refused(agreed: tuple[Instalment, ...], code: str) -> None:
    with pytest.raises(PlanInvalid) as refused:
        check_instalments(agreed, 200_00, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("paid", "day"),
    [(0, 36), (99_00, 36), (99_01, 66), (100_00, 66), (199_00, 66), (199_01, None), (200_00, None), (900_00, None)],
)
def test_payments_fill_the_instalments_in_their_order(paid: int, day: int | None) -> None:
    assert broken_from(TWO, paid, 5, 1_00) == (None if day is None else after(day))


def test_the_last_day_of_grace_is_in_time() -> None:
    assert not is_broken(a_plan(), after(35))
    assert is_broken(a_plan(), after(36))


def test_a_missed_instalment_breaks_a_plan_whether_the_clock_has_written_it_or_not() -> None:
    assert state_on(a_plan(), after(35)) is PlanState.RUNNING
    assert state_on(a_plan(), after(36)) is PlanState.BROKEN
    assert state_on(a_plan(state=PlanState.KEPT), after(36)) is PlanState.KEPT


def test_without_a_tolerance_the_last_fen_is_missed() -> None:
    assert broken_from(TWO, 99_99, 5, 0) == after(36)
    assert broken_from(TWO, 100_00, 5, 0) == after(66)
    assert broken_from(TWO, 200_00, 5, 0) is None


def test_a_plan_that_is_paid_up_or_over_is_not_broken() -> None:
    assert not is_broken(a_plan(broken_from=None), after(900))
    assert not is_broken(a_plan(state=PlanState.KEPT), after(900))


def test_what_was_paid_before_the_plan_fills_no_instalment() -> None:
    assert paid_on(a_plan(), 119_00, 1_00).broken_from == after(36)
    assert paid_on(a_plan(), 120_00, 1_00).broken_from == after(66)


def test_a_plan_ends_with_a_time_and_a_log_entry() -> None:
    over = ended(a_plan(), PlanState.BROKEN, at=NOW, log_entry_id=uuid.UUID(int=9))
    assert (over.state, over.ended_at, over.log_entry_id) == (PlanState.BROKEN, NOW, uuid.UUID(int=9))


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=12), st.integers(0, 10**10), st.integers(0, 10**10))
def test_paying_more_never_brings_the_day_of_breaking_nearer(amounts: list[int], less: int, more: int) -> None:
    agreed = instalments(*((30 * number, amount) for number, amount in enumerate(amounts)))
    early, late = (broken_from(agreed, paid, 5, 1_00) or dt.date.max for paid in sorted((less, more)))
    assert early <= late
    assert broken_from(agreed, sum(amounts), 5, 0) is None


@pytest.mark.parametrize(
    ("days", "code"),
    [
        ([366], "first-too-late"),
        ([2_900_000], "first-too-late"),
        ([30, 5 * 366], "last-too-late"),
        ([365], None),
        ([365, 5 * 365 + 1], None),
        ([365, 5 * 365 + 2], "last-too-late"),
    ],
)
def test_a_plan_begins_within_a_year_and_ends_within_five(days: list[int], code: str | None) -> None:
    agreed = [Instalment(due_date=TODAY + dt.timedelta(days=each), amount_fen=100_00) for each in days]
    if code is None:
        check_instalments(agreed, 100_00, TODAY)
        return
    with pytest.raises(PlanInvalid) as refused:
        check_instalments(agreed, 100_00, TODAY)
    assert refused.value.code == code
