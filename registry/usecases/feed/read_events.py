"""A participant reads on in its own feed of events."""

import json
from typing import Any, Final

from protocol.encodings import format_time
from registry.domain.event import Event
from registry.domain.participant import Actor
from registry.usecases.context import Registry

NUMBERED_AT_ONCE: Final = 1_000


def read_events(registry: Registry, actor: Actor, after: int, limit: int) -> dict[str, Any]:
    """The actor's events behind the place ``after``; ``next`` is what to pass as ``after`` the next time.

    What was committed since the last call gets its place first, so nobody waits for a worker. ``oldest`` is the first
    place that is still kept: what stood between ``after`` and it was dropped unread, and the reader has to look at its
    records anew.
    """
    number_events(registry, actor.participant_id)
    oldest = registry.store.read(lambda tx: tx.feed.oldest(actor.participant_id))
    page = registry.store.read(lambda tx: tx.feed.page(actor.participant_id, after, limit + 1))
    return events_document(page[:limit], after, more=len(page) > limit) | {"oldest": oldest}


def number_events(registry: Registry, recipient: str) -> None:
    """Give committed events their places in the feed; writes only where there are such."""
    if registry.store.read(lambda tx: tx.feed.has_unnumbered(recipient)):
        registry.store.write(lambda tx: tx.feed.number(recipient, NUMBERED_AT_ONCE))


def events_document(events: tuple[Event, ...], after: int, *, more: bool) -> dict[str, Any]:
    """A page of a feed, as it is read and as it is delivered."""
    shown = [_document(each) for each in events]
    return {"events": shown, "next": shown[-1]["position"] if shown else after, "more": more}


def _document(event: Event) -> dict[str, Any]:
    return {
        "position": event.position,
        "event_id": str(event.event_id),
        "kind": event.kind.value,
        "record_id": None if event.record_id is None else str(event.record_id),
        "inquiry_id": None if event.inquiry_id is None else str(event.inquiry_id),
        "facts": json.loads(event.payload),
        "created_at": format_time(event.created_at),
    }
