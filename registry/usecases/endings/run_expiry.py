"""The clock ends what was listed long enough ago, whatever else is under way: a case closes, a plan ends."""

from typing import Final

from protocol.codes import DisputeOutcome
from registry.domain.life import Action, Party
from registry.domain.retention import is_expiry_due
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.endings.retaining import listed_on, over_before, terms_of
from registry.usecases.leaving import leave_many

TIME_OVER: Final = "time-over"


def run_expiry(registry: Registry, limit: int = 500) -> int:
    """End up to ``limit`` records; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks: in between it may have been paid.
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
        ended = leave_many(act, due, Action.EXPIRE, party=Party.CLOCK, reason=TIME_OVER, outcome=DisputeOutcome.EXPIRED)
        return len(ended)

    return registry.store.write(work)
