"""Takes records off the list by any edge but payment, and ends their plans and cases in the same transaction."""

from collections.abc import Sequence

from protocol.codes import DisputeOutcome
from protocol.states import Action, Party, PlanState, RecordState
from registry.domain.plans import Plan, is_broken
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.disputes.shared import close_with_records
from registry.usecases.edges import NO_DAYS, DueDays
from registry.usecases.plans.shared import end_plan


def leave(act: Act, record: Record, action: Action, *, party: Party, reason: str, outcome: DisputeOutcome) -> Record:
    """Take and write ``action``; the record's open case gets ``outcome``. The caller holds the subject's lock.

    Raises Refusal EDGE_NOT_ALLOWED.
    """
    (left,) = leave_many(act, (record,), action, party=party, reason=reason, outcome=outcome)
    return left


def leave_many(
    act: Act,
    records: Sequence[Record],
    action: Action,
    *,
    party: Party,
    reason: str,
    outcome: DisputeOutcome,
    due: DueDays = NO_DAYS,
) -> list[Record]:
    """Do as ``leave`` for different records, in order; plans and cases are read once for all of them."""
    left = edges.move_many(act, _without_plans(act, records), action, party, reason, due=due)
    close_with_records(act, records, outcome)
    return left


def _without_plans(act: Act, records: Sequence[Record]) -> list[Record]:
    """End the plans, and add their days without a fee to the records."""
    arranged = {each.subject_key for each in records if each.state is RecordState.ARRANGED}
    plans = act.tx.plans.of_subjects(arranged) if arranged else ()
    running = {each.record_id: each for each in plans if each.state is PlanState.RUNNING}
    return [
        end_plan(act, running[each.record_id], _end_of(running[each.record_id], act), each)
        if each.state is RecordState.ARRANGED and each.record_id in running
        else each
        for each in records
    ]


def _end_of(plan: Plan, act: Act) -> PlanState:
    """Return the end of a plan: one with a missed instalment is BROKEN, even if the scheduler was late."""
    return PlanState.BROKEN if is_broken(plan, act.today) else PlanState.KEPT
