"""The clock breaks plans: an instalment that is missed beyond the grace makes the record block again."""

from registry.domain.life import Action, Party, RecordState
from registry.domain.plan import PlanState, is_broken
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.money.planning import end_plan

INSTALMENT_MISSED = "instalment-missed"


def break_plans(registry: Registry, limit: int = 500) -> int:
    """Break up to ``limit`` plans; returns how many. Safe to repeat and to run twice at once.

    What was read as due is read again under the subjects' locks: in between an instalment may have been paid.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        subjects = tx.plans.due(act.today, limit)
        tx.subjects.lock(subjects)
        records = {each.record_id: each for owned in tx.records.of_subjects(subjects).values() for each in owned}
        broken = [
            each
            for each in tx.plans.of_subjects(subjects)
            if is_broken(each, act.today) and records[each.record_id].state is RecordState.ARRANGED
        ]
        without = [end_plan(act, plan, PlanState.BROKEN, records[plan.record_id]) for plan in broken[:limit]]
        return len(act.move_many(without, Action.BREAK_PLAN, Party.CLOCK, INSTALMENT_MISSED))

    return registry.store.write(work)
