"""What is public: health, readiness, and the OpenAPI document."""

from typing import Final

from flask import Response

from api.answers import document
from api.blueprint import DoorBlueprint
from api.door import openapi_document, registry
from api.operations import Answer, operation
from api.schemas.service import HealthSchema, ReadinessSchema
from registry.usecases.readiness import ready

READINESS: Final = {"ready": True, "log_behind_seconds": 0, "incarnation": 1}
BLUEPRINT: Final = DoorBlueprint("service", __name__, description="Health and this document.")


@operation(
    BLUEPRINT,
    "GET",
    "/healthz",
    operation_id="readHealth",
    public=True,
    answer=Answer(schema=HealthSchema(), description="The process answers.", example={"alive": True}),
)
def get_health() -> Response:
    """Say that the process is alive."""
    return document({"alive": True})


@operation(
    BLUEPRINT,
    "GET",
    "/readyz",
    operation_id="readReadiness",
    public=True,
    answer=Answer(
        schema=ReadinessSchema(),
        description="It can take work. `log_behind_seconds`: the age of the oldest log entry that waits for its place. "
        "`incarnation`: the number that a restore of the database raises.",
        example=READINESS,
    ),
)
def get_readiness() -> Response:
    """Say whether the registry can take work."""
    return document(ready(registry()))


@operation(
    BLUEPRINT,
    "GET",
    "/openapi.json",
    operation_id="readOpenApi",
    public=True,
    answer=Answer(schema={"type": "object"}, description="The OpenAPI 3.1 document.", example={"openapi": "3.1.0"}),
)
def get_openapi() -> Response:
    """This document."""
    return document(openapi_document())
