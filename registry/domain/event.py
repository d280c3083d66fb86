"""What a participant is told of: one event for one recipient, without any pseudonym in it."""

import datetime as dt
import uuid
from dataclasses import dataclass

from protocol.codes import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that ``recipient`` has to know of. ``payload`` is canonical JSON of plain facts.

    ``record_id`` is told to the record's creditor only; whoever asked is told its own ``inquiry_id``.
    """

    recipient: str
    event_id: uuid.UUID
    kind: EventKind
    record_id: uuid.UUID | None
    inquiry_id: uuid.UUID | None
    payload: bytes
    created_at: dt.datetime
    position: int | None = None
    """The place in the recipient's feed, from 1 on; None until it is numbered, which is after it was committed."""
