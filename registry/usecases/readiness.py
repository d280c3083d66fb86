"""Says whether the registry can take work, which alarms stand, and how old the last round of each loop is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from protocol.problems import Refusal
from registry.domain.rounds import (
    DATABASE_UNAVAILABLE,
    DISK_FULL,
    STOPPING,
    WORKER_LATE,
    Loop,
    WorkRound,
    age_seconds,
    is_late,
)
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.read_status import behind_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a monitor is told: codes, ages and counts, and nothing about a machine or a person."""

    alarms: tuple[str, ...]
    log_behind_seconds: int | None
    """The age of the oldest entry that waits for its place; None while the database does not answer."""
    ages: Mapping[Loop, int | None]
    """The age of each loop's last finished round; None for one that is not known to have finished any."""
    late: frozenset[Loop]

    @property
    def ready(self) -> bool:
        """Whether signed requests are answered: an alarm that stops none leaves the registry in service."""
        return not STOPPING.intersection(self.alarms)

    def to_wire(self) -> dict[str, Any]:
        """The document that is served."""
        return {
            "ready": self.ready,
            "alarms": list(self.alarms),
            "log_behind_seconds": self.log_behind_seconds,
            "rounds": [
                {"loop": each.value, "age_seconds": self.ages.get(each), "late": each in self.late} for each in Loop
            ],
        }


def readiness(registry: Registry) -> Readiness:
    """As it is now, in every process alike; raises nothing, since a database that does not answer is an alarm too.

    A log that stands still stops no request: what is acknowledged waits for its place. Nor does a worker that stands
    still: what has an end is judged by its date.
    """
    now = registry.clock()
    try:
        behind, rounds = registry.store.read(lambda tx: _seen(tx, now))
        writable = registry.store.takes_writes()
    except Refusal:
        return Readiness(alarms=(DATABASE_UNAVAILABLE,), log_behind_seconds=None, ages={}, late=frozenset(Loop))
    late = frozenset(each for each in Loop if each not in rounds or is_late(rounds[each], now))
    alarms = {code for each in rounds.values() for code in each.faults}
    alarms |= {WORKER_LATE} if late else set()
    alarms |= set() if writable else {DISK_FULL}
    ages = {loop: age_seconds(each, now) for loop, each in rounds.items()}
    return Readiness(alarms=tuple(sorted(alarms)), log_behind_seconds=behind, ages=ages, late=late)


def _seen(tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[Loop, WorkRound]]:
    return behind_seconds(tx, now), tx.rounds.all()
