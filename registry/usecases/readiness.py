"""Reports the registry's readiness, its alarms, and the age of each loop's last round."""

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
    """A monitor's answer: codes, ages and counts, without machines or persons."""

    ready: bool
    """True while this process answers signed requests: some alarms stop none."""
    alarms: tuple[str, ...]
    """The alarms of this process, and those of the loops' last rounds in any process."""
    log_behind_seconds: int | None
    """The age of the oldest entry that waits for its place; None while the database does not answer."""
    incarnation: int | None
    """The incarnation, which a restore raises; None while the database does not answer."""
    ages: Mapping[Loop, int | None]
    """The age of each loop's last finished round; None for a loop without a stored round."""
    late: frozenset[Loop]

    def to_wire(self) -> dict[str, Any]:
        """Write the served document."""
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
    """Read the present readiness, the same in every process; raises nothing: an unreachable database is an alarm too.

    A halted log stops no request: acknowledged entries wait for their places. Nor does a halted worker: deadlines are
    judged by their dates.
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
    """Return the clock's alarms as this process judges it now, whatever the loops found in their last rounds."""
    if clock.ends:
        return set()
    return {CLOCK_UNCONFIRMED if clock.acts else CLOCK}
