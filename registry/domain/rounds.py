"""Tells which loops the registry needs, when each last finished a round, and which alarms stop requests."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WORKER_LATE: Final = "worker-late"
DISK_FULL: Final = "disk-full"
DATABASE_UNAVAILABLE: Final = "database-unavailable"
CLOCK: Final = "clock"
CLOCK_UNCONFIRMED: Final = "clock-unconfirmed"
"""A long outage: the registry serves, and what cannot be taken back waits for a person."""
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
    """What was last told of a loop."""

    loop: Loop
    finished_at: dt.datetime | None
    """When a round of it was last finished; None while none ever was."""
    every_seconds: int
    """How often whoever runs it means to finish one."""
    faults: tuple[str, ...] = ()
    """Alarms that stood in its last round, by their codes."""


def age_seconds(found: WorkRound, now: dt.datetime) -> int | None:
    """The age of the last finished round; None where there is none, or where its time is still to come."""
    if found.finished_at is None or found.finished_at > now + dt.timedelta(seconds=_GRACE_SECONDS):
        return None
    return max(0, int((now - found.finished_at).total_seconds()))


def is_late(found: WorkRound, now: dt.datetime) -> bool:
    """Whether the loop has missed rounds: it may stand still, and what waits for it waits."""
    age = age_seconds(found, now)
    return age is None or age > _ROUNDS_MISSED * found.every_seconds + _GRACE_SECONDS
