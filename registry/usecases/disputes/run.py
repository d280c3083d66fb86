"""Suspend the records of silent creditors and let suspended records lapse, as their days end."""

from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.tidying import tidy


def run_disputes(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` cases of each kind over their deadline; returns the number of edges.

    Safe to repeat and to run twice at once: cases that are due are read again under the subjects' locks. After a
    long standstill it takes both edges of a case.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = (*tx.disputes.due_silent(act.today, limit), *tx.disputes.due_lapsed(act.today, limit))
        tx.subjects.lock({each.subject_key for each in due})
        records = tx.records.these([(each.subject_key, each.record_id) for each in due])
        return tidy(act, [records[each] for each in dict.fromkeys(case.record_id for case in due) if each in records])

    return registry.store.write(work)
