"""Logs in each process the alarms that a stuck loop cannot log itself: late loops, and a full database."""

import threading
from typing import Final

from registry.domain.rounds import DATABASE_UNAVAILABLE, DISK_FULL, WORKER_LATE, Loop
from registry.usecases.context import Registry
from registry.usecases.readiness import Readiness, readiness
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
        found[WORKER_LATE] = ", ".join(_late(seen, each) for each in Loop if each in seen.late)
    alarms.tell({(code, None): Alarm(code=code, year=None, detail=detail) for code, detail in found.items()})
    return seen


def run(registry: Registry, stop: threading.Event, interval: float = INTERVAL_SECONDS) -> None:
    """Check until ``stop`` is set, after a first pause in which new loops can store their first round."""
    alarms = Alarms(registry.clock)
    while not stop.wait(interval):
        look(registry, alarms)


def _late(seen: Readiness, loop: Loop) -> str:
    age = seen.ages.get(loop)
    return f"{loop}: no finished round is known" if age is None else f"{loop}: last finished {age} s ago"
