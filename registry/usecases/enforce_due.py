"""The clock makes records block: PENDING becomes ACTIVE on the first day after the lead time."""

from registry.domain.life import Action, Party, RecordState
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.judge_reports import LEAD_TIME_OVER


def enforce_due(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` due records over the edge; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks: in between its creditor may have cleared it.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.records.due_pending(act.today, limit)
        subjects = {record.subject_key for record in due}
        tx.subjects.lock(subjects)
        ids = {record.record_id for record in due}
        changes, taken = [], []
        for record in (each for owned in tx.records.of_subjects(subjects).values() for each in owned):
            if record.record_id in ids and record.state is RecordState.PENDING and record.enforceable_from <= act.today:
                changed, event = act.take_edge(record, Action.ENFORCE, Party.CLOCK, LEAD_TIME_OVER)
                changes.append((changed, record.version))
                taken.append((changed, event))
        tx.records.update_many(changes)
        act.write_events(taken)
        return len(taken)

    return registry.store.write(work)
