"""The feed of events that a participant has to act on."""

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
