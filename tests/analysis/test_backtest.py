"""The figures of a backtest: by hand for small tables, and as laws for any."""

import math
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.backtest import Judged, backtest
from analysis.counts import Count, Order, by_bin, by_points, compare
from analysis.document import document_of
from analysis.figures import separation
from analysis.stability import Shift, shift, stability
from protocol.grades import CreditInput, Grade
from tests.support.graded_orders import BY_TEXT, first_terms, orders, repeated, sample

CLEAN, LONG, LATE, OPEN = "0,0,,0,0,0,0", "0,0,,0,0,0,36", "0,0,10,1,70,0,0", "1,0,,0,0,0,0"
SMALL = [*repeated(100, 10, CLEAN), *repeated(40, 1, LONG), *repeated(50, 20, LATE), *repeated(10, 9, OPEN)]


def test_each_letter_has_its_orders_its_rate_and_its_interval() -> None:
    result = backtest(orders(SMALL), first_terms())
    letters = {each.name: each for each in result.in_force.letters}
    assert {name: (each.number, each.bad) for name, each in letters.items()} == {
        "A": (40, 1),
        "B": (0, None),
        "C": (100, 10),
        "D": (50, 20),
        "E": (10, None),
    }
    # Wilson, by hand for 10 of 100: centre (10 + z^2/2) / (100 + z^2), half-width z sqrt(9 + z^2/4) / (100 + z^2).
    z = 1.959964
    centre, half = (10 + z * z / 2) / (100 + z * z), z * math.sqrt(9 + z * z / 4) / (100 + z * z)
    interval = letters["C"].interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert (letters["E"].rate, letters["E"].interval) == (None, None)


def test_each_letter_is_compared_with_the_next_better_one_that_has_enough_orders() -> None:
    steps = {each.name: each.order for each in backtest(orders(SMALL), first_terms()).in_force.letters}
    # C against A: (10 - 100 x 0.025)^2 x 10^4 = 562500 against 38416 x 100 x 0.025 x 0.975 = 93639.
    assert steps == {"A": Order.BEST, "B": Order.TOO_FEW, "C": Order.ABOVE, "D": Order.ABOVE, "E": Order.TOO_FEW}


@pytest.mark.parametrize(
    ("worse", "better", "order"),
    [
        (Count(29, 29), Count(100, 1), Order.TOO_FEW),
        (Count(100, 10), None, Order.BEST),
        (Count(100, 10), Count(100, 2), Order.ABOVE),
        (Count(100, 10), Count(100, 9), Order.NOT_SHOWN),
        (Count(100, 2), Count(100, 10), Order.REVERSED),
    ],
)
def test_a_step_has_one_of_five_names(worse: Count, better: Count | None, order: Order) -> None:
    assert compare(worse, better) is order


def test_good_orders_above_bad_ones_are_counted_in_pairs() -> None:
    # Points 590, 500, 475 with good 39, 90, 30 and bad 1, 10, 20; ten with an open debt, one of them good, lie below.
    both = backtest(orders(SMALL), first_terms()).in_force
    good, bad = (39, 90, 30, 1), (1, 10, 20, 9)
    won = sum(g * (sum(bad[place + 1 :]) + bad[place] / 2) for place, g in enumerate(good))
    assert both.everybody is not None
    assert both.everybody.auc == pytest.approx(won / (160 * 40))
    assert both.everybody.ks == pytest.approx((39 + 90) / 160 - (1 + 10) / 40)
    won = sum(g * (sum(bad[place + 1 : 3]) + bad[place] / 2) for place, g in enumerate(good[:3]))
    assert both.not_blocked is not None
    assert both.not_blocked.auc == pytest.approx(won / (159 * 31))


@example({-1: (1, 1)})
@given(st.dictionaries(st.integers(-3, 3), st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=6))
def test_separation_is_that_of_all_pairs(groups: dict[int, tuple[int, int]]) -> None:
    counts = {points: Count(good + bad, bad) for points, (good, bad) in groups.items()}
    good = [points for points, (number, _) in groups.items() for _ in range(number)]
    bad = [points for points, (_, number) in groups.items() for _ in range(number)]
    told = separation(counts)
    if not good or not bad:
        assert told is None
        return
    assert told is not None
    won = sum((g > b) + (g == b) / 2 for g, b in product(good, bad))
    gap = max(abs(sum(g <= at for g in good) / len(good) - sum(b <= at for b in bad) / len(bad)) for at in groups)
    assert (told.auc, told.ks) == pytest.approx((won / (len(good) * len(bad)), gap))


def test_a_bin_holds_the_orders_without_an_open_debt_and_equal_points_count_together() -> None:
    old = "0,0,200,1,10,0,0"
    result = backtest(orders([*SMALL, *repeated(60, 30, old)]), first_terms())
    days = {each.name: each for each in result.in_force.bins[CreditInput.CLEARED_DAYS]}
    assert {name: (each.number, each.bad, each.points) for name, each in days.items()} == {
        "none": (140, 11, 0),
        "0 to 90": (50, 20, -15),
        "91 to 180": (0, None, -5),
        "181+": (60, 30, 0),
    }
    # 20 of 50 against 41 of 200, the pool of "none" and "181+".
    assert [each.order for each in days.values()] == [Order.BEST, Order.ABOVE, Order.TOO_FEW, Order.BEST]


def test_a_bin_out_of_order_is_marked() -> None:
    wrong = [*repeated(100, 40, CLEAN), *repeated(100, 5, LATE)]
    result = backtest(orders(wrong), first_terms())
    assert [each.order for each in result.in_force.bins[CreditInput.BLOCKED_DAYS]] == [
        Order.BEST,
        Order.REVERSED,
        Order.TOO_FEW,
    ]


def test_letters_that_the_table_tells_otherwise_are_counted() -> None:
    texts = ["o0 p0 d- c0 b0 k0 t0 C", "o0 p0 d- c0 b0 k0 t0 D", "o1 p0 d- c0 b0 k0 t0 E"]
    by_text = orders([f"2026-01-0{day},0,{text}" for day, text in enumerate(texts, 1)], BY_TEXT)
    assert backtest(by_text, first_terms()).told_otherwise == 1
    assert backtest(orders(SMALL), first_terms()).told_otherwise is None


def test_a_proposed_scorecard_has_its_own_figures_and_says_who_moves() -> None:
    proposed = replace(
        first_terms(), cuts=tuple(replace(each, at_least=each.at_least - 10) for each in first_terms().cuts)
    )
    result = backtest(orders(SMALL), first_terms(), proposed=proposed)
    assert isinstance(result.proposed, Judged)
    assert [each.number for each in result.proposed.letters] == [40, 0, 150, 0, 10]
    assert {(each.old, each.new): each.line.number for each in result.moves} == {
        (Grade.A, Grade.A): 40,
        (Grade.C, Grade.C): 100,
        (Grade.D, Grade.C): 50,
        (Grade.E, Grade.E): 10,
    }


def test_an_index_is_the_sum_over_its_cells_with_half_an_order_in_each() -> None:
    now = orders([*repeated(60, 0, CLEAN), *repeated(40, 0, LONG)])
    before = orders([*repeated(90, 0, CLEAN), *repeated(10, 0, LONG)])
    p, q = (60.5 / 101, 40.5 / 101), (90.5 / 101, 10.5 / 101)
    by_hand = sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    told = stability(now, before, first_terms())
    assert (told.total, told.adverse, told.tenure) == pytest.approx((by_hand, 0, by_hand))
    assert shift(told.total) is Shift.FAR
    assert shift(0.1) is Shift.MOVED
    assert told.characteristics[CreditInput.BLOCKED_DAYS] == 0


def test_attestations_that_grow_move_the_tenure_part_alone_and_debts_the_adverse_part() -> None:
    before = orders([*repeated(800, 0, CLEAN), *repeated(200, 0, LATE)])
    attested = orders([*repeated(500, 0, CLEAN), *repeated(300, 0, LONG), *repeated(200, 0, LATE)])
    indebted = orders([*repeated(500, 0, CLEAN), *repeated(500, 0, LATE)])
    grown, worse = (stability(each, before, first_terms()) for each in (attested, indebted))
    assert (grown.adverse < 0.001, shift(grown.tenure)) == (True, Shift.FAR)
    assert (worse.tenure < 0.001, shift(worse.adverse)) == (True, Shift.FAR)
    assert worse.characteristics[CreditInput.TENURE] == pytest.approx(0)


@settings(max_examples=20)
@given(st.integers(0, 1_000), st.integers(0, 1_000))
def test_both_parts_are_never_negative_and_add_up(one: int, other: int) -> None:
    told = stability(orders(sample(60, one)), orders(sample(60, other)), first_terms())
    assert told.total == pytest.approx(told.adverse + told.tenure)
    assert min(told.adverse, told.tenure, *told.characteristics.values()) >= -1e-12


@settings(max_examples=20)
@given(st.integers(0, 1_000))
def test_every_order_is_in_one_letter_one_bin_and_one_number_of_points(seed: int) -> None:
    read = orders(sample(80, seed))
    result = backtest(read, first_terms(), proposed=first_terms())
    assert sum(each.number for each in result.in_force.letters) == 80
    assert sum(each.number for each in by_points(read, first_terms(), with_open=True).values()) == 80
    assert {(each.old, each.old) for each in result.moves} == {(each.old, each.new) for each in result.moves}
    blocked = next(each.number for each in result.in_force.letters if each.name == "E")
    for each in first_terms().characteristics:
        assert sum(count.number for count in by_bin(read, each).values()) == 80 - blocked


def test_no_figure_of_few_orders_is_told_in_any_form() -> None:
    document = document_of(backtest(orders(SMALL), first_terms()))
    assert document["in_force"]["letters"]["E"] == {"number": 10, "too_few": True, "order": "too-few"}
