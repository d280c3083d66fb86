"""The feed of events, which each participant reads for itself, and the webhooks that it is delivered to."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import events as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.events import EventPage, EventsQuery
from protocol.messages.webhooks import NewWebhook, Webhook
from registry.usecases.events.read import read_events
from registry.usecases.participants.webhooks import admit_webhook, read_webhook

BLUEPRINT: Final = DoorBlueprint("events", __name__, description="What a participant must act on.")


@operation(
    BLUEPRINT,
    "GET",
    "/v1/events",
    operation_id="readEvents",
    query=EventsQuery,
    answer=Answer(message=EventPage, description="The next events.", example=examples.EVENTS),
)
def get_events(*, query: EventsQuery) -> Response:
    """The asker's own events, in the order of their positions; a position never comes late."""
    return document(read_events(registry(), actor(), query.after, query.limit))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/webhook",
    operation_id="admitWebhook",
    roles=(Role.OPERATOR,),
    reads=Input(message=NewWebhook, example=examples.NEW_WEBHOOK),
    answer=Answer(message=Webhook, status=201, description="The webhook.", example=examples.WEBHOOK),
)
def post_webhook(*, participant_id: str, body: NewWebhook) -> Response:
    """Deliver a participant's events to a URL of its own; the same again with an earlier position is a replay."""
    admitted = admit_webhook(registry(), actor(), call("admitWebhook"), participant_id=participant_id, new=body)
    return outcome(admitted)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants/<participant:participant_id>/webhook",
    operation_id="readWebhook",
    answer=Answer(message=Webhook, description="The webhook.", example=examples.WEBHOOK),
)
def get_webhook(*, participant_id: str) -> Response:
    """A webhook, how far it is and what was given up, for its participant and the operator."""
    return document(read_webhook(registry(), actor(), participant_id))
