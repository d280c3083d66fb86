"""Confirm payments whose creditor was silent: money that it did not object to in time counts."""

from registry.domain.collected import confirmed_by_silence, silent
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.collected.shared import write_answer
from registry.usecases.context import Registry


def run_collected(registry: Registry, limit: int = 500) -> int:
    """Confirm up to ``limit`` payments whose days are over; returns their number. Safe to repeat and to run twice.

    Payments that are due are read again under the debtors' locks: in between the creditor may have answered.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = {payment.collection_id: payment.subject_key for payment in tx.collected.due(act.today, limit)}
        subjects = set(due.values())
        tx.subjects.lock(subjects)
        locked = [payment for payment in tx.collected.of_subjects(subjects) if payment.collection_id in due]
        overdue = [payment for payment in locked if silent(payment, act.today)]
        for payment in overdue:
            write_answer(act, confirmed_by_silence(payment, at=act.now, log_entry_id=act.new_id()))
        return len(overdue)

    return registry.store.write(work)
