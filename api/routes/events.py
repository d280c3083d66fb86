"""The feed of events: each participant reads its own."""

from typing import Any, Final

from flask import Response

from api import examples
from api.answers import document
from api.blueprint import DoorBlueprint
from api.door import actor, registry
from api.operations import Answer, operation
from api.schemas.events import EventPageSchema, EventsQuerySchema
from registry.usecases.read_events import read_events

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
