"""Judge whether the registry can take work: the alarms that stand, and the age of each loop's last round."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from protocol.messages.service import LoopRound, Readiness
from protocol.problems import Problem, Refusal
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
    """Return the last look of this process's probe at once, or look where no thread does.

    Raises nothing: a database that does not answer is an alarm too.
    """
    if registry.pulse.is_taken:
        seen = registry.pulse.ask()
        return _UNAVAILABLE if seen is None or is_silent(registry) else seen
    try:
        return look(registry)
    except Refusal:
        return _UNAVAILABLE


def is_silent(registry: Registry) -> bool:
    """Tell whether the database has not answered the probe of this process for too long, nor taken any write since."""
    pulse = registry.pulse
    return pulse.is_silent and not registry.store.answered_within(pulse.late_seconds)


def require_answers(registry: Registry) -> None:
    """Refuse a request with UNAVAILABLE while the database is silent.

    It would hold a thread until its own deadline, and after it a process of a server that waits for its standby.
    """
    if is_silent(registry):
        raise Refusal(Problem.UNAVAILABLE, detail="the database does not answer")


def look(registry: Registry) -> Readiness:
    """Look at the database: the same in every process. Raises Refusal UNAVAILABLE when it does not answer.

    A halted log stops no request: acknowledged entries wait for their places. Nor does a halted worker: deadlines are
    judged by their dates.
    """
    now = registry.clock()
    stands = standing(registry)
    behind, rounds, clock = registry.store.read(lambda tx: _seen(registry, tx, now))
    writable = registry.store.takes_writes()
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
