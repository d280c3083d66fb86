"""The clock makes records block: PENDING becomes ACTIVE on the first day after the lead time."""

from registry.domain.record import RecordState
from registry.policy.rules import beijing_date
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.judge_reports import enforce, transition_entry


def enforce_due(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` due records over the edge; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks: in between its creditor may have cleared it.
    """

    def work(tx: Transaction) -> int:
        now = registry.clock()
        today = beijing_date(now)
        due = tx.records.due_pending(today, limit)
        subjects = {record.subject_key for record in due}
        tx.subjects.lock(subjects)
        ids = {record.record_id for record in due}
        rules = registry.rules.in_force(today)
        changes, events = [], []
        for record in (each for owned in tx.records.of_subjects(subjects).values() for each in owned):
            if record.record_id in ids and record.state is RecordState.PENDING and record.enforceable_from <= today:
                changed, event = enforce(registry, record, now, rules.version)
                changes.append((changed, record.version))
                events.append(event)
        tx.records.update_many(changes)
        tx.events.add(events)
        tx.log.append([transition_entry(registry, event, None) for event in events])
        return len(events)

    return registry.store.write(work)
