"""The feed of events, which each participant reads for itself, and the webhooks that it is delivered to."""

from typing import Any, Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import events as examples
from api.operations import Answer, Input, operation
from api.schemas.events import EventPageSchema, EventsQuerySchema, NewWebhookSchema, WebhookSchema
from protocol.codes import Role
from registry.usecases.events.read import read_events
from registry.usecases.participants.webhooks import admit_webhook, read_webhook

BLUEPRINT: Final = DoorBlueprint("events", __name__, description="What a participant must act on.")


@operation(
    BLUEPRINT,
    "GET",
    "/v1/events",
    operation_id="readEvents",
    query=EventsQuerySchema(),
    answer=Answer(schema=EventPageSchema(), description="The next events.", example=examples.EVENTS),
)
def get_events(*, query: dict[str, Any]) -> Response:
    """The asker's own events, in the order of their positions; a position never comes late."""
    return document(read_events(registry(), actor(), query["after"], query["limit"]))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/webhook",
    operation_id="admitWebhook",
    roles=(Role.OPERATOR,),
    reads=Input(schema=NewWebhookSchema(), example=examples.NEW_WEBHOOK),
    answer=Answer(schema=WebhookSchema(), status=201, description="The webhook.", example=examples.WEBHOOK),
)
def post_webhook(*, participant_id: str, body: dict[str, Any]) -> Response:
    """Deliver a participant's events to a URL of its own; the same again with an earlier position is a replay."""
    given = admit_webhook(
        registry(),
        actor(),
        call("admitWebhook"),
        participant_id=participant_id,
        url=body["url"],
        after=body["after"],
    )
    return outcome(given)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants/<participant:participant_id>/webhook",
    operation_id="readWebhook",
    answer=Answer(schema=WebhookSchema(), description="The webhook.", example=examples.WEBHOOK),
)
def get_webhook(*, participant_id: str) -> Response:
    """A webhook, how far it is and what was given up, for its participant and the operator."""
    return document(read_webhook(registry(), actor(), participant_id))
