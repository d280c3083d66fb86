"""A deposit's days and sums: when it is due, what is left of it, and what a return takes away."""

import datetime as dt
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import ServiceClass
from protocol.deposits import DepositState
from registry.domain.activations import order_key
from registry.domain.deposits import Deposit, due_on, simple_interest
from registry.policy.deposits import WITHOUT_GRADE
from tests.support.root import ROOT

TAKEN_ON = dt.date(2026, 1, 31)
DUE_ON = dt.date(2027, 1, 31)
TERMS = replace(WITHOUT_GRADE, interest_ppm_year=36_500)
"""A hundred millionths a day, so that 100 yuan bear one fen a day."""
DAY = dt.timedelta(days=1)
PAGE = ROOT / "docs" / "spec" / "deposits.md"


def a_deposit(**changes: Any) -> Deposit:
    entry = uuid.UUID(int=1)
    deposit = Deposit(
        subject_key=b"s" * 16,
        participant_id="carrier-b",
        order_ref=b"o" * 16,
        part=1,
        activation_id=entry,
        service_class=ServiceClass.MOBILE,
        state=DepositState.HELD,
        fen=100_00,
        repaid_fen=0,
        interest_fen=0,
        counted_on=TAKEN_ON,
        returned_fen=0,
        kept_fen=0,
        returned_on=None,
        taken_on=TAKEN_ON,
        service_ended_on=None,
        due_on=DUE_ON,
        tell_on=DUE_ON,
        drop_on=dt.date(2028, 1, 31),
        rules_version="2026-01",
        log_entry_id=entry,
    )
    return replace(deposit, **changes)


def back(deposit: Deposit, fen: int, day: dt.date, kept_fen: int = 0) -> Deposit:
    return deposit.given_back(fen, kept_fen, day, TERMS, day, log_entry_id=uuid.UUID(int=2))


def examples(heading: str) -> list[tuple[str, ...]]:
    """The rows of the page's table under a heading."""
    text = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)
    ]
    return rows[2:]


def test_interest_is_that_of_the_pages_examples() -> None:
    rows = examples("Interest")
    assert len(rows) > 4
    for fen, ppm, since, until, interest in rows:
        days = dt.date.fromisoformat(since), dt.date.fromisoformat(until)
        assert simple_interest(int(fen.replace(",", "")), int(ppm.replace(",", "")), *days) == int(interest), since


@given(st.integers(1, 10**8), st.integers(0, 200_000), st.integers(0, 800), st.integers(0, 800))
def test_interest_is_never_more_in_parts_and_less_by_a_fen_at_most(fen: int, ppm: int, first: int, then: int) -> None:
    middle, end = TAKEN_ON + first * DAY, TAKEN_ON + (first + then) * DAY
    whole = simple_interest(fen, ppm, TAKEN_ON, end)
    parts = simple_interest(fen, ppm, TAKEN_ON, middle) + simple_interest(fen, ppm, middle, end)
    assert whole - 1 <= parts <= whole


def test_a_deposit_is_due_after_its_months_or_soon_after_the_service_ended() -> None:
    rows = examples("Due back")
    assert len(rows) > 3
    for taken, ended, due in rows:
        ended_on = None if ended == "-" else dt.date.fromisoformat(ended)
        assert due_on(dt.date.fromisoformat(taken), ended_on, WITHOUT_GRADE) == dt.date.fromisoformat(due), taken


def test_it_is_told_on_its_day_and_once_more_a_month_later() -> None:
    first = a_deposit().told(DUE_ON)
    assert first.tell_on == dt.date(2027, 3, 1)
    assert first.told(dt.date(2027, 3, 1)).tell_on is None
    assert a_deposit().told(dt.date(2027, 3, 1)).tell_on is None, "who was silent for months tells once"


def test_a_return_pays_the_interest_first() -> None:
    after = back(a_deposit(), 40, TAKEN_ON + 100 * DAY)
    assert (after.principal_fen, after.interest_fen, after.returned_fen) == (100_00, 60, 40)
    more = back(after, 50_60, TAKEN_ON + 100 * DAY, kept_fen=0)
    assert (more.principal_fen, more.interest_fen, more.state) == (50_00, 0, DepositState.HELD)
    day = TAKEN_ON + 300 * DAY
    assert more.left_on(day, TERMS) == 51_00
    over = back(more, 1_00, day, kept_fen=50_00)
    assert (over.state, over.left_on(day, TERMS), over.tell_on) == (DepositState.RETURNED, 0, None)
    assert (over.returned_fen, over.kept_fen, over.returned_on) == (52_00, 50_00, day)
    assert over.drop_on == dt.date(2027, 11, 27)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 40_00)), max_size=12))
def test_all_that_is_left_ends_it_whatever_came_back_before(parts: list[tuple[int, int]]) -> None:
    deposit, day = a_deposit(), TAKEN_ON
    for days, fen in parts:
        day += days * DAY
        paid = min(fen, deposit.left_on(day, TERMS))
        deposit = back(deposit, paid, day) if paid else deposit
    paid = deposit.returned_fen
    left = deposit.left_on(day, TERMS)
    assert 100_00 <= paid + left <= 100_00 + simple_interest(100_00, 36_500, TAKEN_ON, day)
    assert (left == 0) is (deposit.state is DepositState.RETURNED)
    if left:
        assert back(deposit, left, day).state is DepositState.RETURNED


def test_a_corrected_sum_leaves_what_came_back() -> None:
    day = TAKEN_ON + 10 * DAY
    halved = back(a_deposit(), 30_10, day)
    assert halved.principal_fen == 70_00
    more = halved.taken_again(a_deposit(fen=120_00), TERMS, day)
    assert (more.fen, more.principal_fen, more.returned_fen, more.counted_on) == (120_00, 90_00, 30_10, day)
    less = halved.taken_again(a_deposit(fen=20_00), TERMS, day)
    assert (less.state, less.left_on(day, TERMS), less.fen) == (DepositState.RETURNED, 0, 20_00)
    assert less.taken_again(a_deposit(fen=120_00), TERMS, day).principal_fen == 90_00


def test_a_deposit_that_was_taken_after_all_is_held_again() -> None:
    gone = a_deposit().over(DepositState.NOT_TAKEN, TAKEN_ON)
    assert (gone.left_on(DUE_ON, TERMS), gone.tell_on) == (0, None)
    again = gone.taken_again(a_deposit(taken_on=TAKEN_ON + DAY, counted_on=TAKEN_ON + DAY), TERMS, TAKEN_ON + DAY)
    assert (again.state, again.principal_fen, again.due_on) == (DepositState.HELD, 100_00, dt.date(2027, 2, 1))
    assert again.tell_on == again.due_on


def test_an_ended_service_makes_it_due_sooner_and_never_later() -> None:
    told = a_deposit().told(DUE_ON)
    soon = a_deposit().ended(dt.date(2026, 5, 1), TERMS)
    assert (soon.due_on, soon.tell_on, soon.drop_on) == (*[dt.date(2026, 5, 16)] * 2, dt.date(2027, 5, 16))
    late = told.ended(dt.date(2027, 1, 20), TERMS)
    assert (late.due_on, late.tell_on) == (DUE_ON, told.tell_on), "what was told is not told anew"
    over = a_deposit().over(DepositState.RETURNED, DUE_ON)
    assert over.ended(dt.date(2026, 5, 1), TERMS) == over


def test_it_is_overdue_from_the_day_after() -> None:
    assert not a_deposit().is_overdue(DUE_ON)
    assert a_deposit().is_overdue(DUE_ON + DAY)
    assert not a_deposit().over(DepositState.RETURNED, DUE_ON).is_overdue(DUE_ON + DAY)


@pytest.mark.parametrize("order", [b"o" * 16, b"p" * 16])
def test_a_deposit_without_a_decision_is_about_nobody(order: bytes) -> None:
    assert a_deposit().subject == b"s" * 16
    assert a_deposit(order_ref=order, subject_key=order_key("carrier-b", order)).subject is None
