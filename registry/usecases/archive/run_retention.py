"""What is dropped by its age alone, once a day, and the partitions of the months to come."""

import datetime as dt
from typing import Final
from uuid import UUID

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from protocol.messages.rules import MOST_INQUIRY_MONTHS
from registry.domain.ids import first_uuid7
from registry.domain.retention import first_month_kept, months_from
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.erasing import erase
from registry.usecases.archive.retaining import DAY, asked_before, over_before, start_of, terms_of
from registry.usecases.context import Registry

_TASK: Final = "retention"
_MONTHS_AHEAD: Final = 3


def run_retention(registry: Registry, limit: int = 1_000) -> int:
    """Drop up to ``limit`` rows of each kind; returns how many rows, 0 when the day's work is done.

    Entries of the log are never dropped: of old inquiries, rejected reports and statements given, which may concern
    people who are on no list, the personal part is erased.
    Safe to repeat; of two at once one waits for the other.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        done_on = tx.upkeep.take_up(_TASK)
        # A day in the future was written by a wrong clock: it does not count as done.
        if done_on == act.today:
            return 0
        dropped = {kind: count for kind, count in _drop(act, limit).items() if count}
        since = _not_erased_since(dt.date.min if done_on > act.today else done_on)
        old = tx.openings.old_openings(since, first_uuid7(asked_before(act)), limit)
        if old:
            erase(act, old, {"aged": len(old)})
        if dropped:
            act.log(EntryKind.RETENTION, act.new_id(), {**dropped, "rules": act.rules.version})
        if not dropped and not old:
            tx.partitions.ensure(months_from(act.today, _MONTHS_AHEAD))
            tx.upkeep.finish(_TASK, act.today)
        return sum(dropped.values()) + len(old)

    done_on = registry.store.read(lambda tx: tx.upkeep.done_on(_TASK))
    if done_on == beijing_date(registry.clock()):
        return 0
    return registry.store.write(work)


def _not_erased_since(done_on: dt.date) -> UUID:
    """The lowest id whose personal part may still be there by its age; what is before it was erased by ``done_on``.

    No version of the rules keeps it for longer than ``MOST_INQUIRY_MONTHS``.
    """
    if done_on == dt.date.min:
        return UUID(int=0)
    month = first_month_kept(done_on, MOST_INQUIRY_MONTHS)
    return first_uuid7(dt.datetime(month // 100, month % 100, 1, tzinfo=dt.UTC))


def _drop(act: Act, limit: int) -> dict[str, int]:
    terms, ageing = terms_of(act), act.tx.retention
    month = first_month_kept(act.today, terms.inquiry_months)
    of_inquiries = asked_before(act)
    answered_before = start_of(act.today - terms.answer_days * DAY)
    told_before = start_of(act.today - terms.event_days * DAY)
    for recipient in ageing.unread(told_before):
        act.tx.events.number(recipient, limit)
    return {
        "inquiries": ageing.inquiries(month, limit),
        "hits": ageing.hits(of_inquiries, limit),
        "quotes": ageing.quotes(of_inquiries, limit),
        "events": ageing.events(told_before, limit),
        # A home that is no longer the debtor's is remembered as long as its people may ask why they were turned away.
        "ended_links": ageing.ended_links(start_of(act.today - act.rules.ended_link_days * DAY), limit),
        # An account between two carriers is kept as long as any record could be, whatever became of its own.
        "collections": ageing.collections(over_before(act), limit),
        "answers": ageing.answers(answered_before, limit),
        "chunks": ageing.chunks(answered_before, limit),
        "withdrawals": ageing.withdrawals(limit),
        "dead_letters": ageing.dead_letters(told_before, limit),
        # No record that was sold or counted is left by then, and none of its events.
        "transfers": ageing.transfers(over_before(act), limit),
        "tallies": ageing.tallies(beijing_date(over_before(act)), limit),
        "take_out_days": act.tx.take_outs.forget(act.today - terms.answer_days * DAY),
    }
