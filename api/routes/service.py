"""Serve the public answers: health, readiness, and the OpenAPI document."""

from http import HTTPStatus
from typing import Final

from flask import Response

from api.answers import document
from api.blueprint import DoorBlueprint
from api.door import openapi_document, registry
from api.operations import JSON, Answer, operation
from protocol.encodings import canonical_json
from protocol.messages.service import Health, Readiness
from registry.domain.rounds import Loop
from registry.usecases.readiness import readiness

READINESS: Final = {
    "ready": True,
    "alarms": [],
    "log_behind_seconds": 0,
    "incarnation": 1,
    "rounds": [{"loop": each.value, "age_seconds": 4, "late": False} for each in Loop],
}
BLUEPRINT: Final = DoorBlueprint("service", __name__, description="Health and this document.")


@operation(
    BLUEPRINT,
    "GET",
    "/healthz",
    operation_id="readHealth",
    public=True,
    from_memory=True,
    answer=Answer(message=Health, description="The process answers.", example={"alive": True}),
)
def get_health() -> Response:
    """Say that the process is alive."""
    return document(Health(alive=True))


@operation(
    BLUEPRINT,
    "GET",
    "/readyz",
    operation_id="readReadiness",
    public=True,
    from_memory=True,
    answer=Answer(
        message=Readiness,
        description=(
            "It can take work. `alarms` that stand stop no signed request. `log_behind_seconds`: the age of the oldest "
            "log entry that waits for its place. `rounds`: the age of each loop's last finished round. `incarnation`: "
            "the number that a restore of the database raises."
        ),
        example=READINESS,
        also={503: "It cannot: one of `alarms` makes it refuse signed requests."},
    ),
)
def get_readiness() -> Response:
    """Say whether the registry can take work, and which alarms stand."""
    seen = readiness(registry())
    response = document(seen)
    if not seen.ready:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return response


@operation(
    BLUEPRINT,
    "GET",
    "/openapi.json",
    operation_id="readOpenApi",
    public=True,
    from_memory=True,
    answer=Answer(message={"type": "object"}, description="The OpenAPI 3.1 document.", example={"openapi": "3.1.0"}),
)
def get_openapi() -> Response:
    """This document."""
    return Response(canonical_json(openapi_document()), content_type=JSON)
