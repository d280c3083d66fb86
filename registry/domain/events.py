"""An event tells one recipient of one change; it contains no pseudonym."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from protocol.events import EventKind
from protocol.states import Action, RecordState


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One message to ``recipient``. ``payload`` is canonical JSON of plain facts.

    Only the record's creditor gets ``record_id``; the inquirer gets its own ``inquiry_id``.
    """

    recipient: str
    event_id: uuid.UUID
    kind: EventKind
    record_id: uuid.UUID | None
    inquiry_id: uuid.UUID | None
    payload: bytes
    created_at: dt.datetime
    position: int | None = None
    """The place in the recipient's feed, from 1 on; None until it is numbered, after its commit."""


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
"""The event that a carrier with a hit gets when the record reaches a state. It does not learn which correction it
was: a stolen identity or a court's decision does not concern it."""
_CREDITOR_KNOWS: Final = frozenset({Action.REJECT, Action.ACCEPT, Action.CLEAR, Action.DISPUTE, Action.PURGE})
"""Edges that the creditor takes itself, or of which another event tells it."""
_NEVER_BLOCKED: Final = frozenset({RecordState.RECEIVED, RecordState.PENDING})


def told_to_askers(source: RecordState, target: RecordState) -> EventKind | None:
    """Return the event of an edge for the carriers with a hit; None if they have nothing to act on."""
    if source in _NEVER_BLOCKED:
        return None
    if (source, target) == (RecordState.ACTIVE, RecordState.SUSPENDED):
        return EventKind.RECORD_DISPUTED  # of DISPUTED they were told already that it does not block
    return TOLD_TO_ASKERS.get(target)


def told_to_creditor(action: Action) -> bool:
    """Tell whether the creditor gets an event of this edge of its record."""
    return action not in _CREDITOR_KNOWS
