"""Late fees and payments: whole fen, every boundary."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.messages.rules import LateFeeRules
from protocol.states import DebtPart
from registry.domain.money import is_settled, late_fee_fen, owed, sum_fen

RULES = LateFeeRules(daily_ppm=3_000, cap_ppm=1_000_000)
DUE = dt.date(2026, 1, 1)


def after(days: int) -> dt.date:
    return DUE + dt.timedelta(days=days)


def test_no_fee_runs_on_the_due_date_or_before() -> None:
    assert late_fee_fen(100_00, DUE, DUE, None, RULES) == 0
    assert late_fee_fen(100_00, DUE, after(-5), None, RULES) == 0


def test_the_fee_runs_from_the_day_after_the_due_date() -> None:
    assert late_fee_fen(100_00, DUE, after(1), None, RULES) == 30


def test_the_fee_reaches_the_principal_on_day_334_and_stays_there() -> None:
    assert late_fee_fen(100_00, DUE, after(333), None, RULES) == 99_90
    assert late_fee_fen(100_00, DUE, after(334), None, RULES) == 100_00
    assert late_fee_fen(100_00, DUE, after(5_000), None, RULES) == 100_00


@pytest.mark.parametrize(("cap_ppm", "most"), [(0, 0), (100_000, 10_00), (500_000, 50_00), (999_999, 99_99)])
def test_a_cap_below_the_principal_holds_the_fee_from_the_day_on_which_it_is_reached(cap_ppm: int, most: int) -> None:
    rules = LateFeeRules(daily_ppm=3_000, cap_ppm=cap_ppm)
    for days in range(400):
        assert late_fee_fen(100_00, DUE, after(days), None, rules) == min(30 * days, most)
    assert late_fee_fen(100_00, DUE, after(5_000), None, rules) == most


def test_the_fee_stops_at_the_end_of_service() -> None:
    assert late_fee_fen(100_00, DUE, after(90), after(30), RULES) == 9_00
    assert late_fee_fen(100_00, DUE, after(20), after(30), RULES) == 6_00


def test_fractions_of_a_fen_are_dropped() -> None:
    assert late_fee_fen(111, DUE, after(1), None, RULES) == 0
    assert late_fee_fen(11_111, DUE, after(1), None, RULES) == 33


def test_a_payment_goes_to_the_costs_first_then_to_the_fee() -> None:
    left = owed(100_00, 30_00, 8_00, 20_00)
    assert (left.costs_fen, left.late_fee_fen, left.principal_fen, left.total_fen) == (0, 18_00, 100_00, 118_00)


def test_what_exceeds_costs_and_fee_goes_to_the_principal() -> None:
    left = owed(100_00, 30_00, 5_00, 50_00)
    assert (left.costs_fen, left.late_fee_fen, left.principal_fen) == (0, 0, 85_00)


def test_no_late_fee_runs_on_costs() -> None:
    fee = late_fee_fen(100_00, DUE, after(100), None, RULES)
    assert owed(100_00, fee, 999_00, 0).late_fee_fen == owed(100_00, fee, 0, 0).late_fee_fen == 30_00


AMOUNT = st.integers(0, 10**12)
ORDERS = st.permutations(list(DebtPart)).map(tuple)


@given(st.integers(1, 10**12), AMOUNT, AMOUNT, st.integers(0, 4 * 10**12), ORDERS)
def test_in_every_order_what_is_owed_and_what_was_paid_add_up(
    principal: int, fee: int, costs: int, paid: int, order: tuple[DebtPart, ...]
) -> None:
    left = owed(principal, fee, costs, paid, order)
    assert left.total_fen == max(0, principal + fee + costs - paid)
    assert 0 <= left.principal_fen <= principal
    assert 0 <= left.late_fee_fen <= fee
    assert 0 <= left.costs_fen <= costs


@given(st.integers(1, 10**12), AMOUNT, AMOUNT, st.lists(AMOUNT, max_size=4), ORDERS)
def test_no_part_is_paid_before_the_one_that_stands_ahead_of_it(
    principal: int, fee: int, costs: int, payments: list[int], order: tuple[DebtPart, ...]
) -> None:
    whole = {DebtPart.PRINCIPAL: principal, DebtPart.FEES: fee, DebtPart.COSTS: costs}
    left = owed(principal, fee, costs, sum(payments), order)
    remains = {
        DebtPart.PRINCIPAL: left.principal_fen,
        DebtPart.FEES: left.late_fee_fen,
        DebtPart.COSTS: left.costs_fen,
    }
    for ahead, behind in itertools.pairwise(order):
        assert remains[ahead] == 0 or remains[behind] == whole[behind]


@given(
    st.integers(1, 10**12),
    st.integers(0, 1_000_000),
    st.integers(0, 4000),
    st.one_of(st.none(), st.integers(0, 4000)),
)
def test_the_fee_never_exceeds_its_cap_and_never_shrinks(
    principal: int, cap_ppm: int, days: int, stopped: int | None
) -> None:
    stop, rules = None if stopped is None else after(stopped), LateFeeRules(daily_ppm=3_000, cap_ppm=cap_ppm)
    today, tomorrow = (late_fee_fen(principal, DUE, after(each), stop, rules) for each in (days, days + 1))
    assert 0 <= today <= tomorrow <= principal * cap_ppm // 1_000_000


PRINCIPAL_FIRST = (DebtPart.PRINCIPAL, DebtPart.FEES, DebtPart.COSTS)


def test_the_order_of_allocation_can_be_another_one() -> None:
    left = owed(100_00, 30_00, 5_00, 50_00, PRINCIPAL_FIRST)
    assert (left.principal_fen, left.late_fee_fen, left.costs_fen) == (50_00, 30_00, 5_00)
    left = owed(100_00, 30_00, 5_00, 110_00, PRINCIPAL_FIRST)
    assert (left.principal_fen, left.late_fee_fen, left.costs_fen) == (0, 20_00, 5_00)


def test_a_sum_is_said_as_the_largest_that_every_language_holds_where_it_is_larger() -> None:
    largest = 9_007_199_254_740_991
    for amounts, said in (((), 0), ((1, 2), 3), ((largest - 1, 1), largest), ((largest, 1), largest)):
        assert sum_fen(amounts) == said


@pytest.mark.parametrize(
    ("remaining", "tolerance", "settled"),
    [(0, 100, True), (50, 100, True), (99, 100, True), (100, 100, False), (0, 0, True), (1, 0, False)],
)
def test_less_than_the_tolerance_counts_as_settled(remaining: int, tolerance: int, settled: bool) -> None:
    assert is_settled(remaining, tolerance) is settled


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ([(10, 20)], 90),
        ([(10, 20), (20, 25)], 85),
        ([(95, None)], 95),
        ([(90, 200)], 90),
        ([(-30, -10)], 100),
        ([(-30, 10)], 90),
        ([(150, None)], 100),
        ([(10, 10)], 100),
    ],
)
def test_the_fee_stands_still_while_it_is_paused_and_goes_on_afterwards(
    pauses: list[tuple[int, int | None]], days: int
) -> None:
    spans = [(after(start), None if end is None else after(end)) for start, end in pauses]
    assert late_fee_fen(100_00, DUE, after(100), None, RULES, pauses=spans) == days * 30


@pytest.mark.parametrize(("free_days", "charged"), [(0, 90), (1, 89), (89, 1), (90, 0), (91, 0), (1_000, 0)])
def test_free_days_are_not_charged_beside_the_pauses_and_leave_no_fee_below_nothing(
    free_days: int, charged: int
) -> None:
    paused = [(after(10), after(20))]
    fee = late_fee_fen(100_00, DUE, after(100), None, RULES, pauses=paused, free_days=free_days)
    assert fee == charged * 30


def test_a_pause_after_the_service_ended_takes_nothing_off_twice() -> None:
    assert late_fee_fen(100_00, DUE, after(100), after(50), RULES, pauses=[(after(40), after(60))]) == 40 * 30
