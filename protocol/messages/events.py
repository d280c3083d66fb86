"""The feed of what a participant has to act on."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.codes import EventKind
from protocol.incarnation import FIRST, MOST
from protocol.messages.limits import MAX_POSITION
from protocol.wire.kinds import Items, Note, OpenObject, Whole

MAX_EVENTS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """Where to read on (behind this position) and how much."""

    after: Annotated[int, Whole(least=0, most=MAX_POSITION)] = 0
    limit: Annotated[int, Whole(least=1, most=MAX_EVENTS)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. Positions have no gaps; ``record_id`` is for the record's creditor, ``inquiry_id`` for who asked."""

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
    """A piece of the feed; ``next`` is what to pass as ``after``, ``more`` says that there is more already.

    ``oldest`` is the first position that is still kept: where it is greater than ``after`` + 1, what stood between was
    dropped. A position holds the registry's ``incarnation`` too: no place is told twice after a restore.
    """

    events: Annotated[tuple[Event, ...], Items(least=0, most=MAX_EVENTS)]
    next: Annotated[int, Whole(least=0, most=MAX_POSITION)]
    more: bool
    oldest: Annotated[int, Whole(least=1, most=MAX_POSITION)]
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)]
