"""Judge whether the registry can take work: the alarms that stand, and the age of each loop's last round."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from protocol.messages.service import LoopRound, Readiness
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

_UNAVAILABLE: Final = Readiness(
    ready=False,
    alarms=(DATABASE_UNAVAILABLE,),
    log_behind_seconds=None,
    rounds=tuple(LoopRound(loop=loop, age_seconds=None, late=True) for loop in Loop),
    incarnation=None,
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
    shown = tuple(_round(loop, rounds.get(loop), now) for loop in Loop)
    alarms = {code for work_round in rounds.values() for code in work_round.faults}
    alarms |= {str(code) for code in stands.refused.values()} | _clock_alarms(clock)
    alarms |= {WORKER_LATE} if any(loop_round.late for loop_round in shown) else set()
    alarms |= set() if writable else {DISK_FULL}
    return Readiness(
        ready=writable and clock.acts,
        alarms=tuple(sorted(alarms)),
        log_behind_seconds=behind,
        rounds=shown,
        incarnation=stands.incarnation,
    )


def _round(loop: Loop, last: WorkRound | None, now: dt.datetime) -> LoopRound:
    """Return the age of a loop's last finished round; a loop without a stored round is late."""
    if last is None:
        return LoopRound(loop=loop, age_seconds=None, late=True)
    return LoopRound(loop=loop, age_seconds=age_seconds(last, now), late=is_late(last, now))


def _seen(registry: Registry, tx: Transaction, now: dt.datetime) -> tuple[int, Mapping[Loop, WorkRound], Judgement]:
    clock = registry.guard.glance(now) or registry.guard.look(tx, now)
    return behind_seconds(tx, now), tx.rounds.all(), clock


def _clock_alarms(clock: Judgement) -> set[str]:
    """Return the clock's alarms as this process judges it now, whatever the loops found in their last rounds."""
    if clock.ends:
        return set()
    return {CLOCK_UNCONFIRMED if clock.acts else CLOCK}
