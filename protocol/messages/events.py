"""The feed of events that a participant has to act on."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.events import EventKind
from protocol.incarnation import FIRST, MOST
from protocol.messages.limits import MAX_POSITION
from protocol.wire.kinds import Items, Note, OpenObject, Whole

MAX_EVENTS: Final = 500
_OF_A_HIT: Final = frozenset({"blocks"})
FACTS: Final[Mapping[EventKind, frozenset[str]]] = MappingProxyType(
    {
        EventKind.RECORD_CLEARED: _OF_A_HIT,
        EventKind.RECORD_WITHDRAWN: _OF_A_HIT,
        EventKind.RECORD_CORRECTED: _OF_A_HIT,
        EventKind.RECORD_DISPUTED: _OF_A_HIT,
        EventKind.RECORD_REACTIVATED: _OF_A_HIT,
        EventKind.RECORD_STATE_CHANGED: frozenset({"state", "reason"}),
        EventKind.CONFIRMATION_DUE: frozenset({"enforceable_from", "lapses_on"}),
        EventKind.EVIDENCE_DEMANDED: frozenset({"demand", "document", "answer_due"}),
        EventKind.TAKE_OUTS_HELD: frozenset({"day", "bound"}),
        EventKind.DEPOSIT_DUE_BACK: frozenset({"activation", "due_on", "left_fen"}),
        EventKind.CONSENT_WITHDRAWN: frozenset({"attestation"}),
        EventKind.ATTESTATION_ENDING: frozenset({"attestation", "until"}),
        EventKind.ATTESTATION_DEMANDED: frozenset({"demand", "answer_due"}),
        EventKind.DISPUTE_ANSWER_DUE: frozenset({"dispute", "answer_due"}),
        EventKind.DISPUTE_DECISION_DUE: frozenset({"dispute", "close_due"}),
        EventKind.COLLECTION_TO_CONFIRM: frozenset({"collection", "collector", "amount_fen", "confirm_due"}),
        EventKind.COLLECTION_REFUSED: frozenset({"collection", "reason"}),
        EventKind.REVERSAL_TO_CONFIRM: frozenset({"collection", "reversal"}),
        EventKind.RULES_CHANGED: frozenset({"version", "effective_from", "sha256"}),
        EventKind.TRANSFER_OFFERED: frozenset({"transfer", "seller", "records", "lapses_on"}),
        EventKind.TRANSFER_LAPSED: frozenset({"transfer", "seller"}),
        EventKind.TRANSFER_UNDO_PROPOSED: frozenset({"transfer", "seller", "buyer"}),
        EventKind.TRANSFER_UNDONE: frozenset({"transfer", "seller", "buyer", "moved"}),
        EventKind.CLEARANCE_REVOKED: frozenset(),
    }
)
"""The members of the facts of each kind; docs/spec/events.md says what they mean. Nothing sends CLEARANCE_REVOKED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """The position behind which to read, and the number of events."""

    after: Annotated[int, Whole(least=0, most=MAX_POSITION)] = 0
    limit: Annotated[int, Whole(least=1, most=MAX_EVENTS)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. Positions have no gaps; ``record_id`` is for a record's creditor, ``inquiry_id`` for the inquirer."""

    position: Annotated[int, Whole(least=1, most=MAX_POSITION)]
    event_id: UUID
    kind: EventKind
    record_id: UUID | None
    inquiry_id: UUID | None
    facts: Annotated[
        dict[str, Any],
        OpenObject(),
        Note("By kind: `blocks` says whether the record blocks now. Unknown members may come."),
    ]
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDelivery:
    """A piece of the feed as a webhook gets it, see ``EventPage``."""

    events: Annotated[tuple[Event, ...], Items(least=1, most=MAX_EVENTS)]
    next: Annotated[int, Whole(least=0, most=MAX_POSITION)]
    more: bool
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """An ``EventPage`` as a follower reads it: its events as they come, since a later release has kinds of its own."""

    events: Annotated[tuple[Annotated[dict[str, Any], OpenObject()], ...], Items(least=0, most=MAX_EVENTS)]
    next: Annotated[int, Whole(least=0, most=MAX_POSITION)]
    more: bool
    oldest: Annotated[int, Whole(least=1, most=MAX_POSITION)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """A piece of the feed; ``next`` is the ``after`` of the next piece, ``more`` says that it exists already.

    ``oldest`` is the first position that is still kept: where it is greater than ``after`` + 1, the events between were
    dropped. A position holds the registry's ``incarnation`` too: no place is told twice after a restore.
    """

    events: Annotated[tuple[Event, ...], Items(least=0, most=MAX_EVENTS)]
    next: Annotated[int, Whole(least=0, most=MAX_POSITION)]
    more: bool
    oldest: Annotated[int, Whole(least=1, most=MAX_POSITION)]
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)]
