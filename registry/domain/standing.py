"""Tells the state in which a record is on a day: an end that is due counts as come, whether the clock ran or not."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import DisputeOutcome
from registry.domain.disputes import Dispute, DisputeState, silent_from
from registry.domain.life import CLOSED_STATES, Action, RecordState
from registry.domain.plans import Plan, PlanState
from registry.domain.retention import EXPIRING_STATES

HEARD_STATES: Final = frozenset({RecordState.DISPUTED, RecordState.ACTIVE, RecordState.FROZEN})
"""States of a record whose case waits for the creditor's answer."""
SILENT_STATES: Final = frozenset({RecordState.SUSPENDED, RecordState.FROZEN})
"""States of a record whose creditor let its days for an answer go by."""
_TIGHTENING: Final = frozenset({Action.BREAK_PLAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The days, all Beijing, on which what is known of one record ends."""

    expires_on: dt.date
    """The first day on which its years are over."""
    lapses_on: dt.date | None = None
    """While PENDING: the first day on which it lapses, since its creditor was asked and said nothing."""
    case: Dispute | None = field(default=None, repr=False)
    """Its case that is not closed."""
    plan: Plan | None = field(default=None, repr=False)
    """Its plan that runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEdge:
    """An edge of the clock, the first day on which it may be taken, and the state that it leads to.

    A FROZEN record stays so when its creditor falls silent: that edge is its case's alone.
    """

    action: Action
    due_on: dt.date
    target: RecordState


def due_edges(state: RecordState, bounds: Bounds, today: dt.date) -> tuple[DueEdge, ...]:
    """The clock's edges that a record in ``state`` is owed on a day, in the order in which they became due.

    Its beginning to block, after the lead time, is none of them. Once the years are over no plan breaks: the record
    would begin to block in the act that ends it.
    """
    owed: list[DueEdge] = []
    while (edge := _next(state, bounds, today)) is not None:
        owed.append(edge)
        state, bounds = edge.target, _after(bounds, edge)
    return tuple(owed)


def standing(state: RecordState, edges: Sequence[DueEdge]) -> RecordState:
    """The state in which a record is taken to be when it is asked for: each due end has come.

    A plan that broke lets a record block; that counts from the entry on that tells of it, and not before.
    """
    for each in edges:
        if each.action not in _TIGHTENING:
            state = each.target
    return state


def case_standing(case: Dispute, edges: Sequence[DueEdge]) -> Dispute:
    """The open case as those edges of its record leave it; the moment of its end is known once that is written."""
    for each in edges:
        if case.is_closed:
            break
        if each.action is Action.SUSPEND:
            case = replace(
                case, state=DisputeState.SUSPENDED, stopped_on=case.stopped_on or each.due_on, remind_on=None
            )
        elif each.target in CLOSED_STATES:
            outcome = DisputeOutcome.EXPIRED if each.action is Action.EXPIRE else DisputeOutcome.WITHDRAWN
            case = replace(case, state=DisputeState.CLOSED, outcome=outcome, closed_on=each.due_on, remind_on=None)
    return case


def _next(state: RecordState, bounds: Bounds, today: dt.date) -> DueEdge | None:
    if state in EXPIRING_STATES and bounds.expires_on <= today:
        expiry = DueEdge(action=Action.EXPIRE, due_on=bounds.expires_on, target=RecordState.EXPIRED)
    else:
        expiry = None
    other = _other(state, bounds)
    if other is None or other.due_on > today:
        return expiry
    if expiry is not None and (other.action in _TIGHTENING or expiry.due_on <= other.due_on):
        return expiry
    return other


def _other(state: RecordState, bounds: Bounds) -> DueEdge | None:
    """The edge of the clock, besides the years, that a record waits for, whenever it becomes due."""
    case, plan = bounds.case, bounds.plan
    if state is RecordState.PENDING and bounds.lapses_on is not None:
        return DueEdge(action=Action.LAPSE, due_on=bounds.lapses_on, target=RecordState.CANCELLED)
    if case is not None and case.state is DisputeState.OPEN and state in HEARD_STATES:
        target = state if state is RecordState.FROZEN else RecordState.SUSPENDED
        return DueEdge(action=Action.SUSPEND, due_on=silent_from(case), target=target)
    if case is not None and case.state is DisputeState.SUSPENDED and state in SILENT_STATES:
        day = case.lapse_due + dt.timedelta(days=1)
        return DueEdge(action=Action.LAPSE, due_on=day, target=RecordState.WITHDRAWN)
    runs = plan is not None and plan.state is PlanState.RUNNING and state is RecordState.ARRANGED
    if plan is not None and runs and plan.broken_from is not None:
        return DueEdge(action=Action.BREAK_PLAN, due_on=plan.broken_from, target=RecordState.ACTIVE)
    return None


def _after(bounds: Bounds, edge: DueEdge) -> Bounds:
    """What is known once an edge is taken: a silent case waits for a late answer, a broken plan is none any more."""
    if edge.action is Action.SUSPEND and bounds.case is not None:
        return replace(bounds, case=case_standing(bounds.case, (edge,)))
    return replace(bounds, plan=None) if edge.action is Action.BREAK_PLAN else bounds
