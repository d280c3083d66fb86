"""Forget subjects that nothing keeps any more: delete the sealed token and erase the log openings."""

import datetime as dt
from collections.abc import Collection
from typing import Final

from registry.domain.months import months_on
from registry.store.idle_subjects import FOR_EVER
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.erasing import erase
from registry.usecases.context import Registry

_MOST_OPENINGS: Final = 2_000
"""Openings that one transaction erases."""


def forget_subjects(registry: Registry, limit: int = 500, most_openings: int = _MOST_OPENINGS) -> int:
    """Check up to ``limit`` subjects whose last record was purged; returns the number checked.

    A record, sealed ones included, keeps its subject; so do a victim's marker, an entry of the red list and a rebuttal,
    each until its end. A tombstone does not, nor does an account's pointer, which goes with its subject. Safe to repeat
    and to run twice at once.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.subjects.lock(tx.idle_subjects.due(act.today, limit))
        kept = {key: end for key, end in tx.idle_subjects.kept_until(due).items() if end > act.today}
        tx.idle_subjects.look_again({key: None if end == FOR_EVER else end for key, end in kept.items()})
        gone = due - kept.keys()
        if gone:
            openings = tx.personal.of_subjects(gone)
            # A firm has tens of thousands: erase them in pieces, and delete the subject row with the last one.
            piece, left = openings[:most_openings], openings[most_openings:]
            whole = gone - {key for key, _ in left}
            erase(act, piece, {"subjects": len(whole | {key for key, _ in piece})})
            tx.personal.forget(whole)
            tx.idle_subjects.forget(whole)
            tx.accounts.forget(whole)
            _end_ways(act, whole)
        return len(due)

    return registry.store.write(work)


def forget_ways(registry: Registry, limit: int = 500) -> int:
    """Check up to ``limit`` forgotten people about whom there were inquiries; returns the number checked.

    Until the last inquiry is dropped by its age, the person finds it in a statement. Safe to repeat and to run twice at
    once: who is listed again meanwhile keeps the way.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.people.ending(act.today, limit)
        _end_ways(act, due, due_on=act.today)
        return len(due)

    return registry.store.write(work)


def _end_ways(act: Act, forgotten: Collection[bytes], due_on: dt.date | None = None) -> None:
    """Delete the ways to forgotten people, but to a tombstone, which bars a debt from coming back, and to inquiries."""
    barred, asked_about = act.tx.idle_subjects.left_under(forgotten)
    look_on = months_on(act.today, act.rules.retention.inquiry_months + 1)
    act.tx.people.end_on(asked_about - barred, look_on)
    act.tx.people.end(set(forgotten) - barred - asked_about, due_on=due_on)
