"""Where a participant's events are delivered to, how far they were, and what was given up."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One participant's webhook and how far its feed was delivered."""

    recipient: str
    url: str
    registered_at: dt.datetime
    position: int
    """Everything up to here was delivered, or given up and listed."""
    attempts: int = 0
    """Failed attempts at what comes next."""
    next_attempt_at: dt.datetime
    lease_id: uuid.UUID | None = None
    leased_until: dt.datetime | None = None
    """Another worker is at it until then; afterwards it is taken for dead."""
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Events that were given up: still in the feed, to be read there."""

    recipient: str
    first_position: int
    last_position: int
    attempts: int
    reason: str
    given_up_at: dt.datetime
