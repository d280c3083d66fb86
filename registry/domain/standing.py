"""Tells the state of a record on a day: an end that is due counts, even if the scheduler is late."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.codes import DisputeOutcome
from protocol.states import CLOSED_STATES, Action, DisputeState, PlanState, RecordState
from registry.domain.disputes import Dispute, silent_from
from registry.domain.plans import Plan
from registry.domain.retention import EXPIRING_STATES

HEARD_STATES: Final = frozenset({RecordState.DISPUTED, RecordState.ACTIVE, RecordState.FROZEN})
"""States of a record whose case waits for the creditor's answer."""
SILENT_STATES: Final = frozenset({RecordState.SUSPENDED, RecordState.FROZEN})
"""States of a record whose creditor let its days for an answer pass."""
_TIGHTENING: Final = frozenset({Action.BREAK_PLAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The deadlines of one record, all Beijing dates."""

    expires_on: dt.date
    """The first day on which its years are over."""
    lapses_on: dt.date | None = None
    """While PENDING, the first day on which it lapses, since its creditor was asked and did not answer."""
    case: Dispute | None = field(default=None, repr=False)
    """Its open case."""
    plan: Plan | None = field(default=None, repr=False)
    """Its running plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueEdge:
    """An edge of the scheduler, its first day, and its next state.

    A FROZEN record stays FROZEN when its creditor is silent: only its case takes that edge.
    """

    action: Action
    due_on: dt.date
    target: RecordState


def due_edges(state: RecordState, bounds: Bounds, today: dt.date) -> tuple[DueEdge, ...]:
    """List the scheduler's due edges of a record in ``state`` on a day, in the order in which they became due.

    ENFORCE, after the lead time, is not among them. Once the years are over no plan breaks: the record would begin to
    block in the act that ends it.
    """
    owed: list[DueEdge] = []
    while (edge := _next(state, bounds, today)) is not None:
        owed.append(edge)
        state, bounds = edge.target, _after(bounds, edge)
    return tuple(owed)


def standing(state: RecordState, edges: Sequence[DueEdge]) -> RecordState:
    """Return the state of a record with each due end taken.

    A broken plan lets a record block, but only from its log entry on.
    """
    for each in edges:
        if each.action not in _TIGHTENING:
            state = each.target
    return state


def case_standing(case: Dispute, edges: Sequence[DueEdge]) -> Dispute:
    """Return the open case after those edges of its record; the moment of its end is set when that is stored."""
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
    """Return the scheduler's next edge of a record apart from EXPIRE, whenever it becomes due."""
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
    """Return the deadlines after an edge: a silent case waits for a late answer, a broken plan no longer counts."""
    if edge.action is Action.SUSPEND and bounds.case is not None:
        return replace(bounds, case=case_standing(bounds.case, (edge,)))
    return replace(bounds, plan=None) if edge.action is Action.BREAK_PLAN else bounds
