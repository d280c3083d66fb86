"""Takes a record off the list by any edge but payment: what hangs on it, plan or case, ends in the same transaction."""

from protocol.codes import DisputeOutcome
from registry.domain.life import Action, Party, RecordState
from registry.domain.plan import PlanState
from registry.domain.record import Record
from registry.usecases.act import Act
from registry.usecases.disputes.disputing import close_with_record
from registry.usecases.money.planning import end_plan


def leave(act: Act, record: Record, action: Action, *, party: Party, reason: str, outcome: DisputeOutcome) -> Record:
    """The record after ``action``, written; its open case gets ``outcome``. Needs the subject's lock.

    Raises Refusal EDGE_NOT_ALLOWED.
    """
    before = record
    if record.state is RecordState.ARRANGED:
        for plan in act.tx.plans.of_subjects((record.subject_key,)):
            if plan.record_id == record.record_id and plan.state is PlanState.RUNNING:
                record = end_plan(act, plan, PlanState.KEPT, record)
    left = act.move(record, action, party, reason)
    close_with_record(act, before, outcome)
    return left
