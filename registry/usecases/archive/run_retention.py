"""Drop rows once a day that registry/policy/retention.py calls too old, and make the partitions of coming months."""

from typing import Final

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from registry.domain.handles import first_kept
from registry.domain.ids import first_uuid7
from registry.policy.retention import AgeLimits, limits_on
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.erasing import erase
from registry.usecases.archive.months import make_months
from registry.usecases.context import Registry

_TASK: Final = "retention"


def run_retention(registry: Registry, limit: int = 1_000) -> int:
    """Drop up to ``limit`` rows of each kind; returns the number of rows, 0 when the day's work is done.

    Entries of the log are never dropped: of old inquiries, returned deposits, rejected reports and statements given,
    which may concern people who are on no list, and of readings by offices the personal part is erased.
    Safe to repeat; of two at once one waits for the other.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        done_on = tx.upkeep.take_up(_TASK)
        # A day in the future was written by a wrong clock: it does not count as done.
        if done_on == act.today:
            return 0
        limits = limits_on(act.today, act.book)
        dropped = {kind: count for kind, count in _drop(act, limits, limit).items() if count}
        old = tx.personal.old(first_uuid7(limits.asked_before), limit)
        if old:
            erase(act, old, {"aged": len(old)})
        if dropped:
            act.log(EntryKind.RETENTION, act.new_id(), {**dropped, "rules": act.rules.version})
        if not dropped and not old:
            tx.upkeep.finish(_TASK, act.today)
        return sum(dropped.values()) + len(old)

    done_on = registry.store.read(lambda tx: tx.upkeep.done_on(_TASK))
    if done_on == beijing_date(registry.clock()):
        return 0
    make_months(registry.store, registry.clock())
    return registry.store.write(work)


def _drop(act: Act, limits: AgeLimits, limit: int) -> dict[str, int]:
    ageing = act.tx.retention
    for recipient in ageing.unread(limits.told_before):
        act.tx.events.number(recipient, limit)
    return {
        "inquiries": ageing.inquiries(limits.inquiry_month, limit),
        "activations": ageing.activations(limits.inquiry_month, limit),
        "deposits": ageing.deposits(act.today, limit),
        "rechecks": ageing.rechecks(limits.asked_before, limit),
        "grade_reviews": ageing.grade_reviews(limits.asked_before, limit),
        "hits": ageing.hits(limits.asked_before, limit),
        "quotes": ageing.quotes(limits.asked_before, limit),
        "events": ageing.events(limits.told_before, limit),
        "ended_links": ageing.ended_links(limits.unlinked_before, limit),
        "collections": ageing.collections(limits.over_before, limit),
        "answers": ageing.answers(limits.answered_before, limit),
        "chunks": ageing.chunks(limits.answered_before, limit),
        "withdrawals": ageing.withdrawals(limit),
        "dead_letters": ageing.dead_letters(limits.told_before, limit),
        "transfers": ageing.transfers(limits.over_before, limit),
        "tallies": ageing.tallies(limits.tallies_before, limit),
        "handle_keys": act.tx.handle_keys.forget(first_kept(act.today)),
        "take_out_days": act.tx.take_outs.forget(limits.counted_before),
    }
