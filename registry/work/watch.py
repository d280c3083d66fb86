"""Logs in each process the alarms that a stuck loop cannot log itself: late loops, and a full database."""

import threading
from typing import Final

from protocol.messages.service import LoopRound, Readiness
from registry.domain.rounds import DATABASE_UNAVAILABLE, DISK_FULL, WORKER_LATE
from registry.usecases.context import Registry
from registry.usecases.readiness import readiness
from registry.work.alarms import Alarm, Alarms

INTERVAL_SECONDS: Final = 15.0
_DETAILS: Final = {
    DISK_FULL: "the database has no room for what is written; signed requests are refused",
    DATABASE_UNAVAILABLE: "the database does not answer; signed requests are refused",
}


def look(registry: Registry, alarms: Alarms) -> Readiness:
    """Check once, and log the alarms that begin, last and end; a loop logs its own alarms."""
    seen = readiness(registry)
    found = {code: _DETAILS[code] for code in seen.alarms if code in _DETAILS}
    if WORKER_LATE in seen.alarms:
        found[WORKER_LATE] = ", ".join(_late(loop_round) for loop_round in seen.rounds if loop_round.late)
    alarms.tell({(code, None): Alarm(code=code, year=None, detail=detail) for code, detail in found.items()})
    return seen


def run(registry: Registry, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
    """Check until ``stop`` is set, after a first pause in which new loops can store their first round."""
    alarms = Alarms(registry.clock)
    while not stop.wait(interval):
        look(registry, alarms)


def _late(loop_round: LoopRound) -> str:
    if loop_round.age_seconds is None:
        return f"{loop_round.loop}: no finished round is known"
    return f"{loop_round.loop}: last finished {loop_round.age_seconds} s ago"
