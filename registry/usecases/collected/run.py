"""The clock takes a creditor's silence for consent: money that it did not object to in time counts."""

from registry.domain.collected import confirmed_by_silence, silent
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.collected.shared import write_answer
from registry.usecases.context import Registry


def run_collections(registry: Registry, limit: int = 500) -> int:
    """Confirm up to ``limit`` collections whose days are over; returns how many. Safe to repeat and to run twice.

    What was read as due is read again under the debtors' locks: in between the creditor may have answered.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = {each.collection_id: each.subject_key for each in tx.collected.due(act.today, limit)}
        subjects = set(due.values())
        tx.subjects.lock(subjects)
        found = [each for each in tx.collected.of_subjects(subjects) if each.collection_id in due]
        overdue = [each for each in found if silent(each, act.today)]
        for each in overdue:
            write_answer(act, confirmed_by_silence(each, at=act.now, log_entry_id=act.new_id()))
        return len(overdue)

    return registry.store.write(work)
