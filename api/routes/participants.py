"""The participants with their roles and keys; the operator writes, everybody reads."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import participants as examples
from api.operations import STEP, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.participants import NewKey, NewParticipant, PageQuery, Participant, ParticipantPage
from protocol.messages.steps import Step
from registry.usecases.participants import admit as participants
from registry.usecases.participants.exit import exit_participant
from registry.usecases.participants.read import list_participants, read_participant

BLUEPRINT: Final = DoorBlueprint("participants", __name__, description="Participants and their signing keys.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants",
    operation_id="registerParticipant",
    roles=(Role.OPERATOR,),
    reads=Input(message=NewParticipant, example=examples.NEW_PARTICIPANT),
    answer=Answer(message=Participant, status=201, description="The participant.", example=examples.PARTICIPANT),
)
def register_participant(*, body: NewParticipant) -> Response:
    """Admit a participant with its first key."""
    return outcome(participants.register_participant(registry(), actor(), call("registerParticipant"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants",
    operation_id="listParticipants",
    query=PageQuery,
    answer=Answer(message=ParticipantPage, description="A page.", example=examples.PARTICIPANTS),
)
def get_participants(*, query: PageQuery) -> Response:
    """All participants, page by page in the order of their ids."""
    return document(list_participants(registry(), actor(), query))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/participants/<participant:participant_id>",
    operation_id="readParticipant",
    answer=Answer(message=Participant, description="The participant.", example=examples.PARTICIPANT),
)
def get_participant(*, participant_id: str) -> Response:
    """One participant with its keys."""
    return document(read_participant(registry(), actor(), participant_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/keys",
    operation_id="addParticipantKey",
    roles=(Role.OPERATOR,),
    reads=Input(message=NewKey, example=examples.NEW_KEY),
    answer=Answer(message=Participant, status=201, description="The participant.", example=examples.PARTICIPANT),
)
def add_participant_key(*, participant_id: str, body: NewKey) -> Response:
    """A further key for a participant."""
    added = participants.add_key(
        registry(), actor(), call("addParticipantKey"), participant_id=participant_id, new=body
    )
    return outcome(added)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/participants/<participant:participant_id>/keys/<key:key_id>/revocation",
    operation_id="revokeParticipantKey",
    roles=(Role.OPERATOR,),
    reads=STEP,
    answer=Answer(message=Participant, description="The participant.", example=examples.PARTICIPANT),
)
def revoke_participant_key(*, participant_id: str, key_id: str, body: Step) -> Response:
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
    answer=Answer(message=Participant, description="The participant, gone.", example=examples.PARTICIPANT),
)
def post_exit(*, participant_id: str, body: Step) -> Response:
    """A participant leaves; refused while it has open records."""
    del body
    return outcome(exit_participant(registry(), actor(), call("exitParticipant"), participant_id))
