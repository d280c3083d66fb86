"""Expire records that were listed long enough ago, even during a case or a plan, which then ends."""

from registry.domain.retention import is_expiry_due
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.archive.shared import listed_on, over_before, terms_of
from registry.usecases.context import Registry
from registry.usecases.tidying import tidy


def run_expiry(registry: Registry, limit: int = 500) -> int:
    """Take the due edges of up to ``limit`` records whose years are over; returns the number of edges.

    Safe to repeat and to run twice at once. A due record is read again under its subject's lock: in between it
    may have been paid. A record whose end by silence came before its years were over takes that end.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        # A firm's thousands of records are expired in pieces, so that nobody waits for all of them.
        places = tx.archive.due_expiry(over_before(act), limit)
        tx.subjects.lock({key for key, _ in places})
        due = [
            record
            for record in tx.records.these(places).values()
            if is_expiry_due(record.state, listed_on(record), act.today, terms_of(act))
        ]
        return tidy(act, due)

    return registry.store.write(work)
