"""Read on in a participant's own feed of events."""

import json
from collections.abc import Sequence
from typing import Final

from protocol.incarnation import cursor_of, read_cursor
from protocol.messages import events as messages
from protocol.problems import Problem, Refusal
from registry.domain.events import Event
from registry.domain.participants import Actor
from registry.usecases.context import Registry
from registry.usecases.restores.standing import standing

NUMBERED_AT_ONCE: Final = 1_000


def read_events(registry: Registry, actor: Actor, after: int, limit: int) -> messages.EventPage:
    """Read the actor's events behind the cursor ``after``; ``next`` is the ``after`` of the next call.

    Events committed since the last call get their places first, so nobody waits for a worker. ``oldest`` is the first
    place that is still kept: events between ``after`` and it were dropped unread, and the reader has to read its
    records anew. A cursor from before a restore reads from the restored beginning, which ``oldest`` shows as well.
    Raises Refusal INCARNATION_DIFFERS for a cursor that neither this nor an earlier incarnation gave.
    """
    incarnation = standing(registry).incarnation
    number_events(registry, actor.participant_id)
    last = registry.store.read(lambda tx: tx.events.last(actor.participant_id))
    meant, place = read_cursor(after)
    if meant > incarnation or (meant == incarnation and place > last):
        raise Refusal(Problem.INCARNATION_DIFFERS, figures={"incarnation": incarnation})
    place = place if meant == incarnation else 0
    oldest = registry.store.read(lambda tx: tx.events.oldest(actor.participant_id))
    page = registry.store.read(lambda tx: tx.events.page(actor.participant_id, place, limit + 1))
    delivery = event_delivery(page[:limit], place, incarnation, more=len(page) > limit)
    return messages.EventPage(
        events=delivery.events,
        next=delivery.next,
        more=delivery.more,
        oldest=cursor_of(incarnation, oldest),
        incarnation=incarnation,
    )


def number_events(registry: Registry, recipient: str) -> None:
    """Give committed events their places in the feed; writes only where there are such."""
    if registry.store.read(lambda tx: tx.events.has_unnumbered(recipient)):
        registry.store.write(lambda tx: tx.events.number(recipient, NUMBERED_AT_ONCE))


def event_delivery(events: Sequence[Event], after: int, incarnation: int, *, more: bool) -> messages.EventDelivery:
    """Build the page of a feed behind the place ``after`` for delivery.

    Positions include the incarnation: after a restore the same place holds another event.
    """
    shown = tuple(_event_message(event, incarnation) for event in events)
    reached = shown[-1].position if shown else cursor_of(incarnation, after)
    return messages.EventDelivery(events=shown, next=reached, more=more, incarnation=incarnation)


def _event_message(event: Event, incarnation: int) -> messages.Event:
    if event.position is None:
        raise ValueError("an event without a place is in no feed")
    return messages.Event(
        position=cursor_of(incarnation, event.position),
        event_id=event.event_id,
        kind=event.kind,
        record_id=event.record_id,
        inquiry_id=event.inquiry_id,
        facts=json.loads(event.payload),
        created_at=event.created_at,
    )
