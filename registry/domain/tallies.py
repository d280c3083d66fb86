"""Custodians tally evaluations; the registry compares its own counts of the same day."""

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
    """The number of all inquiries and reported rows of a carrier in a range of the log, whatever their verdicts."""

    participant_id: str
    inquiries: int
    reports: int
