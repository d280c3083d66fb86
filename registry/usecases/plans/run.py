"""Break plans: an instalment that is missed beyond the grace makes the record block again."""

from protocol.states import RecordState
from registry.domain.plans import is_broken
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.tidying import tidy


def break_plans(registry: Registry, limit: int = 500) -> int:
    """Break up to ``limit`` plans; returns their number. Safe to repeat and to run twice at once.

    Plans that are due are read again under the subjects' locks: in between an instalment may have been paid. A record
    whose years are over ends, and does not block again first.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        subjects = tx.plans.due(act.today, limit)
        tx.subjects.lock(subjects)
        broken = {each.record_id for each in tx.plans.of_subjects(subjects) if is_broken(each, act.today)}
        arranged = [
            record
            for owned in tx.records.of_subjects(subjects).values()
            for record in owned
            if record.record_id in broken and record.state is RecordState.ARRANGED
        ]
        return tidy(act, arranged[:limit])

    return registry.store.write(work)
