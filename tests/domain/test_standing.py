"""The state of a record on a day, by the dates that bound it."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from protocol.codes import DisputeOutcome
from protocol.states import CLOSED_STATES, OPEN_STATES, Action, DisputeState, Party, PlanState, RecordState
from registry.domain.disputes import Dispute
from registry.domain.life import EDGES
from registry.domain.plans import Plan
from registry.domain.standing import Bounds, DueEdge, case_standing, due_edges, standing
from tests.support.builders import TODAY, a_dispute
from tests.support.plans import a_plan

FAR = TODAY + dt.timedelta(days=10_000)


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def a_case(answer_due: int, lapse_due: int, state: DisputeState = DisputeState.OPEN) -> Dispute:
    return a_dispute(answer_due=day(answer_due), lapse_due=day(lapse_due), state=state)


def plan_broken(on: int) -> Plan:
    return a_plan(state=PlanState.RUNNING, broken_from=day(on))


def taken(state: RecordState, bounds: Bounds, on: int) -> list[tuple[Action, dt.date]]:
    return [(each.action, each.due_on) for each in due_edges(state, bounds, day(on))]


def test_years_that_are_over_end_every_open_record_but_one_that_waits() -> None:
    bounds = Bounds(expires_on=day(5))
    for state in OPEN_STATES - {RecordState.PENDING}:
        assert taken(state, bounds, 4) == []
        assert taken(state, bounds, 5) == [(Action.EXPIRE, day(5))]
        assert standing(state, due_edges(state, bounds, day(5))) is RecordState.EXPIRED
    assert taken(RecordState.PENDING, bounds, 5) == []


def test_a_silence_counts_from_its_own_days_and_ends_a_record_before_its_years_do() -> None:
    bounds = Bounds(expires_on=day(60), case=a_case(15, 45))
    assert taken(RecordState.DISPUTED, bounds, 15) == []
    assert taken(RecordState.DISPUTED, bounds, 16) == [(Action.SUSPEND, day(16))]
    both = [(Action.SUSPEND, day(16)), (Action.LAPSE, day(46))]
    assert taken(RecordState.DISPUTED, bounds, 46) == taken(RecordState.DISPUTED, bounds, 99) == both
    edges = due_edges(RecordState.DISPUTED, bounds, day(99))
    assert standing(RecordState.DISPUTED, edges) is RecordState.WITHDRAWN
    case = case_standing(bounds.case or a_dispute(), edges)
    assert (case.state, case.outcome, case.closed_on) == (DisputeState.CLOSED, DisputeOutcome.WITHDRAWN, day(46))


def test_years_that_end_between_two_deadlines_end_the_record_and_its_case() -> None:
    bounds = Bounds(expires_on=day(30), case=a_case(15, 45))
    edges = due_edges(RecordState.ACTIVE, bounds, day(99))
    assert [each.action for each in edges] == [Action.SUSPEND, Action.EXPIRE]
    case = case_standing(bounds.case or a_dispute(), edges)
    assert (case.outcome, case.closed_on) == (DisputeOutcome.EXPIRED, day(30))


def test_a_frozen_record_stays_frozen_while_its_creditor_is_silent_and_lapses_then() -> None:
    bounds = Bounds(expires_on=FAR, case=a_case(15, 45))
    edges = due_edges(RecordState.FROZEN, bounds, day(20))
    assert [each.target for each in edges] == [RecordState.FROZEN]
    assert due_edges(RecordState.FROZEN, bounds, day(46))[-1].target is RecordState.WITHDRAWN


def test_a_plan_that_broke_blocks_from_its_entry_on_and_not_before() -> None:
    bounds = Bounds(expires_on=day(60), plan=plan_broken(10))
    edges = due_edges(RecordState.ARRANGED, bounds, day(10))
    assert [each.action for each in edges] == [Action.BREAK_PLAN]
    assert standing(RecordState.ARRANGED, edges) is RecordState.ARRANGED


def test_a_plan_that_broke_does_not_make_a_record_block_whose_years_are_over() -> None:
    bounds = Bounds(expires_on=day(60), plan=plan_broken(10))
    assert taken(RecordState.ARRANGED, bounds, 60) == [(Action.EXPIRE, day(60))]


def test_a_record_that_was_never_confirmed_lapses_by_its_date() -> None:
    bounds = Bounds(expires_on=FAR, lapses_on=day(3))
    assert taken(RecordState.PENDING, bounds, 2) == []
    assert standing(RecordState.PENDING, due_edges(RecordState.PENDING, bounds, day(3))) is RecordState.CANCELLED


days = st.integers(min_value=0, max_value=200)


@st.composite
def bounds_of_any_record(draw: st.DrawFn) -> Bounds:
    answer_due = draw(days)
    state = draw(st.sampled_from([DisputeState.OPEN, DisputeState.ANSWERED, DisputeState.SUSPENDED]))
    return Bounds(
        expires_on=day(draw(days)),
        lapses_on=draw(st.none() | days.map(day)),
        case=draw(st.none() | st.just(a_case(answer_due, answer_due + 30, state))),
        plan=draw(st.none() | days.map(plan_broken)),
    )


@given(st.sampled_from(RecordState), bounds_of_any_record(), days)
def test_each_edge_that_is_owed_is_the_clocks_and_due(state: RecordState, bounds: Bounds, on: int) -> None:
    for edge in due_edges(state, bounds, day(on)):
        assert edge.due_on <= day(on)
        if (state, edge.action) != (RecordState.FROZEN, Action.SUSPEND):
            assert EDGES[state, edge.action].target is edge.target
            assert Party.CLOCK in EDGES[state, edge.action].parties
        state = edge.target


@given(st.sampled_from(RecordState), bounds_of_any_record(), days, days)
def test_nothing_begins_to_block_by_a_date_and_no_end_is_undone_by_another(
    state: RecordState, bounds: Bounds, one: int, other: int
) -> None:
    first, later = sorted((one, other))
    before = standing(state, due_edges(state, bounds, day(first)))
    after = standing(state, due_edges(state, bounds, day(later)))
    assert after is not RecordState.ACTIVE or state is RecordState.ACTIVE
    if before in CLOSED_STATES:
        assert after is before


@given(st.sampled_from(RecordState), bounds_of_any_record(), days)
def test_a_clock_that_comes_late_once_owes_nothing_more(state: RecordState, bounds: Bounds, on: int) -> None:
    edges: tuple[DueEdge, ...] = due_edges(state, bounds, day(on))
    assert len({each.action for each in edges}) == len(edges) <= 3
