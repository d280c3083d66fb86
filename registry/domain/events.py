"""What a participant is told of: one event for one recipient, without any pseudonym in it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from protocol.codes import EventKind
from registry.domain.life import Action, RecordState


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


TOLD_TO_ASKERS: Final[Mapping[RecordState, EventKind]] = MappingProxyType(
    {
        RecordState.ACTIVE: EventKind.RECORD_REACTIVATED,
        RecordState.DISPUTED: EventKind.RECORD_DISPUTED,
        RecordState.CLEARED: EventKind.RECORD_CLEARED,
        RecordState.WITHDRAWN: EventKind.RECORD_WITHDRAWN,
        RecordState.VOID_IDENTITY_THEFT: EventKind.RECORD_CORRECTED,
        RecordState.ARRANGED: EventKind.RECORD_CORRECTED,
        RecordState.DISCHARGED: EventKind.RECORD_CORRECTED,
        RecordState.FROZEN: EventKind.RECORD_CORRECTED,
        RecordState.EXPIRED: EventKind.RECORD_CORRECTED,
    }
)
"""What a carrier that got a hit is told when the record comes to a state. The exact one of the corrections, which may
say that an identity was stolen or a court decided, is not its business."""
_CREDITOR_KNOWS: Final = frozenset({Action.REJECT, Action.ACCEPT, Action.CLEAR, Action.DISPUTE, Action.PURGE})
"""Edges that are the creditor's own, or that another event tells it of."""
_NEVER_BLOCKED: Final = frozenset({RecordState.RECEIVED, RecordState.PENDING})


def told_to_askers(source: RecordState, target: RecordState) -> EventKind | None:
    """The event that an edge is worth to those who got a hit; None where there is nothing to act on."""
    if source in _NEVER_BLOCKED:
        return None
    if (source, target) == (RecordState.ACTIVE, RecordState.SUSPENDED):
        return EventKind.RECORD_DISPUTED  # from DISPUTED they know already that it does not block
    return TOLD_TO_ASKERS.get(target)


def told_to_creditor(action: Action) -> bool:
    """Whether the creditor is told that somebody else took this edge of its record."""
    return action not in _CREDITOR_KNOWS
