"""It never pays to pay late: over random histories, and over random scorecards that the rules would take."""

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol.grades import CreditInput, Grade, Tenure
from protocol.grading import CreditDebt, credit_facts, graded
from protocol.messages.grades import GradeTerms
from protocol.states import RecordState
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE
from registry.policy.scorecard import first_fault

FIRST = read(GradeTerms, FIRST_GRADE)
BEGIN = dt.date(2026, 1, 1)
LAST = 800
Way = Sequence[tuple[int, str]]
"""Days since the beginning of blocking, each with a step: plan, break, keep or pay."""


def day(number: int) -> dt.date:
    return BEGIN + dt.timedelta(days=number)


def debt_on(way: Way, today: int) -> CreditDebt:
    """The debt of one way of treating it, as its record stands on a day."""
    debt = CreditDebt(creditor_id="x", state=RecordState.ACTIVE, blocking_from=BEGIN)
    for at, step in way:
        if at > today:
            break
        match step:
            case "plan":
                debt = replace(debt, state=RecordState.ARRANGED, settled_on=day(at))
            case "break":
                debt = replace(
                    debt,
                    state=RecordState.ACTIVE,
                    settled_on=None,
                    plan_breaks=debt.plan_breaks + 1,
                    last_break_on=day(at),
                )
            case "keep":
                debt = replace(debt, state=RecordState.CLEARED)
            case "pay":
                debt = replace(debt, state=RecordState.CLEARED, settled_on=debt.settled_on or day(at))
    return debt


def rank(way: Way, others: Sequence[CreditDebt], today: int, tenure: Tenure, terms: GradeTerms) -> tuple[int, int]:
    """The letter of a day as a number, E lowest, and the points."""
    known = [debt_on(way, today), *others]
    facts = credit_facts(known, tenure=tenure, today=day(today), history_days=terms.history_days)
    found = graded(facts, terms)
    return -list(Grade).index(found.grade), 0 if found.grade is Grade.E else found.points


@st.composite
def ways(draw: st.DrawFn, first: int) -> Way:
    """Any way of treating a debt whose first step comes on a day or later."""
    steps: list[tuple[int, str]] = []
    at = draw(st.integers(first, first + 300))
    for _ in range(draw(st.integers(0, 3))):
        steps.append((at, "plan"))
        at += draw(st.integers(1, 200))
        if draw(st.booleans()):
            return (*steps, (at, draw(st.sampled_from(("keep", "pay")))))
        steps.append((at, "break"))
        at += draw(st.integers(0, 200))
    return (*steps, (at, "pay")) if draw(st.booleans()) else steps


@st.composite
def others(draw: st.DrawFn, *, breaks: bool = True) -> tuple[CreditDebt, ...]:
    """Other debts of the same person, which ended or are under a plan."""
    found = []
    for creditor in draw(st.lists(st.sampled_from("xyz"), max_size=3)):
        begun, ended = draw(st.integers(-700, 0)), draw(st.integers(-400, 300))
        broken = draw(st.integers(0, 2)) if breaks else 0
        found.append(
            CreditDebt(
                creditor_id=creditor,
                state=draw(st.sampled_from((RecordState.CLEARED, RecordState.ARRANGED))),
                blocking_from=day(begun),
                settled_on=day(max(begun, ended)),
                plan_breaks=broken,
                last_break_on=day(draw(st.integers(-400, 300))) if broken else None,
            )
        )
    return tuple(found)


@st.composite
def scorecards(draw: st.DrawFn) -> GradeTerms:
    """A scorecard that the rules would take, with bins and points of its own."""
    document: dict[str, Any] = copy.deepcopy(FIRST_GRADE)
    document["history_days"] = draw(st.integers(0, 400))
    for each in document["characteristics"]:
        name = CreditInput(each["input"])
        many = draw(st.integers(1, 4))
        points = sorted(draw(st.lists(st.integers(-80, 0), min_size=many, max_size=many)))
        if name is CreditInput.PLAN_RUNNING:
            each["bins"] = [_bin(0, 0), _bin(1, -80)]
        elif name is CreditInput.CLEARED_DAYS:
            values = [0, *sorted(draw(st.sets(st.integers(1, 400), min_size=many - 1, max_size=many - 1)))]
            each["bins"] = [_bin(-1, 0), *map(_bin, values, points)]
        elif name is not CreditInput.TENURE:
            values = sorted(draw(st.sets(st.integers(1, 400), min_size=many, max_size=many)))
            each["bins"] = [_bin(0, 0), *map(_bin, values, reversed(points))]
    terms = read(GradeTerms, document)
    assert first_fault(terms) is None
    return terms


def _bin(value: int, points: int) -> dict[str, Any]:
    return {"from_value": value, "points": points, "reason": "PAID_LATE"}


TENURES = st.sampled_from(Tenure)
SCORECARDS = st.just(FIRST) | scorecards()


@given(st.integers(0, 400), others(), TENURES, SCORECARDS, st.data())
def test_paying_is_never_worse_than_any_slower_way_on_any_later_day(
    paid: int, known: tuple[CreditDebt, ...], tenure: Tenure, terms: GradeTerms, data: st.DataObject
) -> None:
    slower = data.draw(ways(paid))
    today = data.draw(st.integers(paid, LAST))
    assert rank([(paid, "pay")], known, today, tenure, terms) >= rank(slower, known, today, tenure, terms)


@given(st.tuples(st.integers(0, 300), st.integers(1, 300)), others(), TENURES, SCORECARDS, st.integers(0, LAST))
def test_a_plan_that_is_kept_is_never_worse_than_silence_until_its_last_day(
    span: tuple[int, int], known: tuple[CreditDebt, ...], tenure: Tenure, terms: GradeTerms, today: int
) -> None:
    begun, lasts = span
    kept, silent = [(begun, "plan"), (begun + lasts, "keep")], [(begun + lasts, "pay")]
    assert rank(kept, known, today, tenure, terms) >= rank(silent, known, today, tenure, terms)


@given(
    st.tuples(st.integers(0, 300), st.integers(1, 200), st.integers(0, 200)),
    others(breaks=False),
    TENURES,
    st.integers(0, LAST),
)
def test_a_plan_that_breaks_once_is_never_worse_than_silence(
    span: tuple[int, int, int], known: tuple[CreditDebt, ...], tenure: Tenure, today: int
) -> None:
    begun, lasts, then = span
    tried = [(begun, "plan"), (begun + lasts, "break"), (begun + lasts + then, "pay")]
    silent = [(begun + lasts + then, "pay")]
    assert rank(tried, known, today, tenure, FIRST) >= rank(silent, known, today, tenure, FIRST)


@given(others(), TENURES, SCORECARDS, st.integers(0, 400), st.integers(0, 400))
def test_by_time_alone_no_grade_falls(
    known: tuple[CreditDebt, ...], tenure: Tenure, terms: GradeTerms, paid: int, later: int
) -> None:
    ended = tuple(replace(each, state=RecordState.CLEARED) for each in known if (each.settled_on or BEGIN) <= BEGIN)
    way = [(paid, "pay")]
    assert rank(way, ended, paid + later, tenure, terms) >= rank(way, ended, paid, tenure, terms)


@given(st.integers(0, 400), others(), st.integers(0, LAST), SCORECARDS)
def test_more_months_attested_are_never_worse(
    paid: int, known: tuple[CreditDebt, ...], today: int, terms: GradeTerms
) -> None:
    found = [rank([(paid, "pay")], known, today, tenure, terms) for tenure in Tenure]
    assert found == sorted(found)
