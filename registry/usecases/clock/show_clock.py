"""Reads for a person the clock's readings, its judgement, and the work that waits for a confirmation."""

import datetime as dt
from typing import Any

from protocol.encodings import format_time
from registry.policy.clock import measure_of, words
from registry.store.transactions import Transaction
from registry.usecases.act import act_at
from registry.usecases.clock.large_rounds import due_now
from registry.usecases.context import Registry


def show_clock(registry: Registry) -> dict[str, Any]:
    """Read the readings, the judgement, the last confirmation, and the due work of a round now."""

    def work(tx: Transaction) -> dict[str, Any]:
        now = registry.clock()
        found, known = registry.guard.look(tx, now), registry.guard.known(tx, now)
        act = act_at(registry, tx, None, now)
        last = known.confirmation
        return {
            "state": found.state.value,
            "reference": None if found.reference is None else found.reference.value,
            "ahead_seconds": found.ahead // dt.timedelta(seconds=1),
            "serves": found.acts,
            "detail": words(found),
            "now": format_time(now),
            "database": format_time(registry.guard.database_now(tx)),
            "newest_time": _shown(measure_of(known)),
            "newest_entry": _shown(known.newest_entry_at),
            "last_confirmed": None if last is None else format_time(last.confirmed_at),
            "due": due_now(act),
        }

    return registry.store.read(work)


def _shown(moment: dt.datetime | None) -> str | None:
    return None if moment is None else format_time(moment)
