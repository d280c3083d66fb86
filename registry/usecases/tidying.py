"""Takes the scheduler's due edges of records: the worker's rounds do so, and each act on a record does it first.

So a halted worker changes no outcome: each act finds its record as a punctual scheduler would have left it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from protocol.codes import DisputeOutcome
from protocol.states import Action, Party, PlanState, RecordState
from registry.domain.credit import plan_broken
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.clock.judge_clock import require_endings_in
from registry.usecases.disputes.shared import CREDITOR_SILENT, close_cases, suspend_cases
from registry.usecases.edges import DueDays
from registry.usecases.leaving import leave_many
from registry.usecases.plans.shared import end_plan
from registry.usecases.standings import Standing, standings

_Part = TypeVar("_Part")
TIME_OVER: Final = "time-over"
INSTALMENT_MISSED: Final = "instalment-missed"
NEVER_CONFIRMED: Final = "never-confirmed"


def up_to_date(act: Act, records: Iterable[Record]) -> list[Record]:
    """Take every due scheduled edge of the records, which were read under their subjects' locks; keep their order.

    The registry takes the edges, in the act's transaction and at its time; their entries name the due days. Without a
    due edge nothing is written. Raises Refusal CLOCK_NOT_TRUSTED if an edge is due and an outage was not confirmed: an
    act may not end by a doubtful clock a record that the scheduler may not end.
    """
    return _tidied(act, records)[0]


def tidy(act: Act, records: Iterable[Record]) -> int:
    """Do as ``up_to_date``, for the worker; return the number of edges taken."""
    return _tidied(act, records)[1]


def _tidied(act: Act, records: Iterable[Record]) -> tuple[list[Record], int]:
    clock, taken = replace(act, actor=None), 0
    now = {each.record_id: each for each in records}
    waiting = list(now.values())
    while due := [each for each in standings(clock, waiting) if each.edges]:
        require_endings_in(act.registry, act.tx, act.now)
        waiting = [after for action in Action for after in _take(clock, action, _first(due, action))]
        now |= {each.record_id: each for each in waiting}
        taken += len(waiting)
    return list(now.values()), taken


def _first(due: Sequence[Standing], action: Action) -> list[Standing]:
    return [each for each in due if each.edges[0].action is action]


def _take(act: Act, action: Action, due: Sequence[Standing]) -> list[Record]:
    """Take the first due edge of each of these records, which is the same for all."""
    if not due:
        return []
    records = [each.record for each in due]
    days = {each.record.record_id: each.edges[0].due_on for each in due}
    match action:
        case Action.SUSPEND:
            return [record for _, record in suspend_cases(act, [(_given(each.case), each.record) for each in due])]
        case Action.LAPSE:
            return _lapse(act, due, days)
        case Action.BREAK_PLAN:
            without = [end_plan(act, _given(each.plan), PlanState.BROKEN, each.record) for each in due]
            broken = [plan_broken(each, days[each.record_id]) for each in without]
            return edges.move_many(act, broken, action, Party.CLOCK, INSTALMENT_MISSED, due=days)
        case Action.EXPIRE:
            outcome = DisputeOutcome.EXPIRED
            return leave_many(act, records, action, party=Party.CLOCK, reason=TIME_OVER, outcome=outcome, due=days)
        case _:
            raise ValueError("the clock owes no record such an edge")


def _lapse(act: Act, due: Sequence[Standing], days: DueDays) -> list[Record]:
    """Take LAPSE on records that were never confirmed, and on those whose creditor was silent about a case."""
    waited = [each.record for each in due if each.record.state is RecordState.PENDING]
    heard = [each for each in due if each.record.state is not RecordState.PENDING]
    left = edges.move_many(act, waited, Action.LAPSE, Party.CLOCK, NEVER_CONFIRMED, due=days)
    left += edges.move_many(act, [each.record for each in heard], Action.LAPSE, Party.CLOCK, CREDITOR_SILENT, due=days)
    close_cases(act, [_given(each.case) for each in heard], DisputeOutcome.WITHDRAWN)
    return left


def _given(part: _Part | None) -> _Part:
    """Return the part of a standing that its due edge needs."""
    if part is None:
        raise ValueError("the standing lacks the part that its edge needs")
    return part
