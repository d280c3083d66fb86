"""The clock ends what was listed long enough ago, whatever else is under way: a case closes, a plan ends."""

from registry.domain.retention import is_expiry_due
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.archive.shared import listed_on, over_before, terms_of
from registry.usecases.context import Registry
from registry.usecases.tidying import tidy


def run_expiry(registry: Registry, limit: int = 500) -> int:
    """Take what is due of up to ``limit`` records whose years are over; returns how many edges.

    Safe to repeat and to run twice at once. What was read as due is read again under the subjects' locks: in between it
    may have been paid. A record that ended by a silence before its years were over ends so.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        # A firm's thousands of records go in pieces: nobody waits for all of them.
        places = tx.archive.due_expiry(over_before(act), limit)
        tx.subjects.lock({key for key, _ in places})
        due = [
            record
            for record in tx.records.these(places).values()
            if is_expiry_due(record.state, listed_on(record), act.today, terms_of(act))
        ]
        return tidy(act, due)

    return registry.store.write(work)
