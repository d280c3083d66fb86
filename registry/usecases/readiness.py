"""Says whether the registry can take work, which alarms stand, and how old the last round of each loop is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from protocol.problems import Refusal
from registry.domain.rounds import (
    CLOCK,
    CLOCK_UNCONFIRMED,
    DATABASE_UNAVAILABLE,
    DISK_FULL,
    WORKER_LATE,
    Loop,
    WorkRound,
    age_seconds,
    is_late,
)
from registry.policy.clock import Judgement
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.read_status import behind_seconds
from registry.usecases.restores.standing import standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a monitor is told: codes, ages and counts, and nothing about a machine or a person."""

    ready: bool
    """Whether this process answers signed requests: an alarm that stops none leaves the registry in service."""
    alarms: tuple[str, ...]
    """Those of this process, and those that the loops found in their last rounds, wherever they run."""
    log_behind_seconds: int | None
    """The age of the oldest entry that waits for its place; None while the database does not answer."""
    incarnation: int | None
    """The number that a restore raises; None while the database does not answer."""
    ages: Mapping[Loop, int | None]
    """The age of each loop's last finished round; None for one that is not known to have finished any."""
    late: frozenset[Loop]

    def to_wire(self) -> dict[str, Any]:
        """The document that is served."""
        return {
            "ready": self.ready,
            "alarms": list(self.alarms),
            "log_behind_seconds": self.log_behind_seconds,
            "incarnation": self.incarnation,
            "rounds": [
                {"loop": each.value, "age_seconds": self.ages.get(each), "late": each in self.late} for each in Loop
            ],
        }


_UNAVAILABLE: Final = Readiness(
    ready=False,
    alarms=(DATABASE_UNAVAILABLE,),
    log_behind_seconds=None,
    incarnation=None,
    ages={},
    late=frozenset(Loop),
)


def readiness(registry: Registry) -> Readiness:
    """As it is now, in every process alike; raises nothing, since a database that does not answer is an alarm too.

    A log that stands still stops no request: what is acknowledged waits for its place. Nor does a worker that stands
    still: what has an end is judged by its date.
    """
    now = registry.clock()
    try:
        stands = standing(registry)
        behind, rounds, clock = registry.store.read(lambda tx: _seen(registry, tx, now))
        writable = registry.store.takes_writes()
    except Refusal:
        return _UNAVAILABLE
    late = frozenset(each for each in Loop if each not in rounds or is_late(rounds[each], now))
    alarms = {code for each in rounds.values() for code in each.faults}
    alarms |= {str(code) for code in stands.refused.values()} | _clock_alarms(clock)
    alarms |= {WORKER_LATE} if late else set()
    alarms |= set() if writable else {DISK_FULL}
    return Readiness(
        ready=writable and clock.acts,
        alarms=tuple(sorted(alarms)),
        log_behind_seconds=behind,
        incarnation=stands.incarnation,
        ages={loop: age_seconds(each, now) for loop, each in rounds.items()},
        late=late,
    )


def _seen(registry: Registry, tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[Loop, WorkRound], Judgement]:
    clock = registry.guard.glance(now) or registry.guard.look(tx, now)
    return behind_seconds(tx, now), tx.rounds.all(), clock


def _clock_alarms(clock: Judgement) -> set[str]:
    """As this process sees the clock now, whatever the loops found in their last rounds."""
    if clock.ends:
        return set()
    return {CLOCK_UNCONFIRMED if clock.acts else CLOCK}
