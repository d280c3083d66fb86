"""Lists the registry's loops and the alarms that stop requests, and judges the age of a loop's last round."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WORKER_LATE: Final = "worker-late"
DISK_FULL: Final = "disk-full"
DATABASE_UNAVAILABLE: Final = "database-unavailable"
CLOCK: Final = "clock"
CLOCK_UNCONFIRMED: Final = "clock-unconfirmed"
"""The alarm of a long outage: the registry serves, and steps that cannot be undone wait for a person."""
_GRACE_SECONDS: Final = 120
_ROUNDS_MISSED: Final = 3


class Loop(StrEnum):
    """The loops of the registry; any number of processes may run each."""

    CLOCK = "clock"
    INTEGRATOR = "integrator"
    DELIVERIES = "deliveries"
    WITNESS_FEED = "witness-feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRound:
    """The last stored state of a loop."""

    loop: Loop
    finished_at: dt.datetime | None
    """The time of its last finished round; None before the first."""
    every_seconds: int
    """The intended pause between two finished rounds."""
    faults: tuple[str, ...] = ()
    """The codes of the alarms of its last round."""


def age_seconds(found: WorkRound, now: dt.datetime) -> int | None:
    """Return the age of the last finished round; None without one, or if its time lies in the future."""
    if found.finished_at is None or found.finished_at > now + dt.timedelta(seconds=_GRACE_SECONDS):
        return None
    return max(0, int((now - found.finished_at).total_seconds()))


def is_late(found: WorkRound, now: dt.datetime) -> bool:
    """Tell whether the loop has missed rounds, so that it may have stopped."""
    age = age_seconds(found, now)
    return age is None or age > _ROUNDS_MISSED * found.every_seconds + _GRACE_SECONDS
