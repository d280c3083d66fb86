"""Who takes part, with which roles and keys; the operator writes, everybody reads."""

from typing import Any, Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.converters import admission
from api.door import actor, call, registry
from api.examples import participants as examples
from api.operations import STEP, Answer, Input, operation
from api.schemas.participants import (
    NewKeySchema,
    NewParticipantSchema,
    PageQuerySchema,
    ParticipantPageSchema,
    ParticipantSchema,
)
from protocol.codes import Role
from registry.usecases.participants import admit as participants
from registry.usecases.participants.exit import exit_participant

BLUEPRINT: Final = DoorBlueprint("participants", __name__, description="Participants and their signing keys.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants",
    operation_id="registerParticipant",
    roles=(Role.OPERATOR,),
    reads=Input(schema=NewParticipantSchema(), example=examples.NEW_PARTICIPANT),
    answer=Answer(schema=ParticipantSchema(), status=201, description="The participant.", example=examples.PARTICIPANT),
)
def register_participant(*, body: dict[str, Any]) -> Response:
    """Admit a participant with its first key."""
    return outcome(participants.register_participant(registry(), actor(), call("registerParticipant"), admission(body)))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants",
    operation_id="listParticipants",
    query=PageQuerySchema(),
    answer=Answer(schema=ParticipantPageSchema(), description="A page.", example=examples.PARTICIPANTS),
)
def get_participants(*, query: dict[str, Any]) -> Response:
    """All participants, page by page in the order of their ids."""
    return document(participants.list_participants(registry(), actor(), query.get("after"), query["limit"]))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants/<participant:participant_id>",
    operation_id="readParticipant",
    answer=Answer(schema=ParticipantSchema(), description="The participant.", example=examples.PARTICIPANT),
)
def get_participant(*, participant_id: str) -> Response:
    """One participant with its keys."""
    return document(participants.read_participant(registry(), actor(), participant_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/keys",
    operation_id="addParticipantKey",
    roles=(Role.OPERATOR,),
    reads=Input(schema=NewKeySchema(), example=examples.NEW_KEY),
    answer=Answer(schema=ParticipantSchema(), status=201, description="The participant.", example=examples.PARTICIPANT),
)
def add_participant_key(*, participant_id: str, body: dict[str, Any]) -> Response:
    """A further key for a participant."""
    given = participants.add_key(
        registry(),
        actor(),
        call("addParticipantKey"),
        participant_id=participant_id,
        key_id=body["key_id"],
        public_key=body["public_key"],
    )
    return outcome(given)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/keys/<key:key_id>/revocation",
    operation_id="revokeParticipantKey",
    roles=(Role.OPERATOR,),
    reads=STEP,
    answer=Answer(schema=ParticipantSchema(), description="The participant.", example=examples.PARTICIPANT),
)
def revoke_participant_key(*, participant_id: str, key_id: str, body: dict[str, Any]) -> Response:
    """Take a key out of use."""
    del body
    given = participants.revoke_key(
        registry(), actor(), call("revokeParticipantKey"), participant_id=participant_id, key_id=key_id
    )
    return outcome(given)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/exit",
    operation_id="exitParticipant",
    roles=(Role.OPERATOR,),
    reads=STEP,
    answer=Answer(schema=ParticipantSchema(), description="The participant, gone.", example=examples.PARTICIPANT),
)
def post_exit(*, participant_id: str, body: dict[str, Any]) -> Response:
    """A participant leaves; refused while it has open records."""
    del body
    return outcome(exit_participant(registry(), actor(), call("exitParticipant"), participant_id))
