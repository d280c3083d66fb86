"""A webhook receives a participant's events; its row holds the last delivered one and the events given up."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One participant's webhook and the last delivered place of its feed."""

    recipient: str
    url: str
    registered_at: dt.datetime
    position: int
    """All events up to here were delivered, or given up and listed."""
    attempts: int = 0
    """The number of failed attempts at the next page."""
    next_attempt_at: dt.datetime
    lease_id: uuid.UUID | None = None
    leased_until: dt.datetime | None = None
    """A worker holds the lease until then; afterwards it counts as dead."""
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Events that were given up; the participant can still read them in its feed."""

    recipient: str
    first_position: int
    last_position: int
    attempts: int
    reason: str
    given_up_at: dt.datetime
