"""Evaluations as their custodians count them, and what the registry itself counted of the same day."""

import datetime as dt
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTally:
    """One custodian's signed count of a UTC day under one epoch's share; ``participant_id`` is the custodian."""

    participant_id: str
    day: dt.date
    epoch: int
    total: int
    statement: str = field(repr=False)
    received_at: dt.datetime
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCarrier:
    """How many inquiries and reported rows of a carrier a stretch of the log has; all of them, whatever was said."""

    participant_id: str
    inquiries: int
    reports: int
