"""The red list: a carrier proposes, the operator and the regulator approve or revoke."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import red_list as examples
from api.operations import STEP, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.red_list import RedListEntry, RedListPage, RedListProposal, RedListQuery
from protocol.messages.steps import Step
from registry.usecases.red_list.approve import approve_red_list
from registry.usecases.red_list.propose import propose_red_list
from registry.usecases.red_list.read import list_red_list, read_red_list
from registry.usecases.red_list.revoke import revoke_red_list

BLUEPRINT: Final = DoorBlueprint("red-list", __name__, description="Organisations whose arrears hold nothing up.")
_OVERSIGHT: Final = (Role.OPERATOR, Role.REGULATOR)
_READERS: Final = (*_OVERSIGHT, Role.AUDITOR)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/red-list",
    operation_id="proposeRedListEntry",
    roles=(Role.INQUIRER,),
    reads=Input(message=RedListProposal, example=examples.RED_LIST_PROPOSAL),
    answer=Answer(
        message=RedListEntry, status=201, description="The entry, proposed.", example=examples.RED_LIST_ENTRY
    ),
)
def propose_entry(*, body: RedListProposal) -> Response:
    """Propose an organisation; nothing is waived before two others have approved."""
    return outcome(propose_red_list(registry(), actor(), call("proposeRedListEntry"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/red-list/<id:entry_id>",
    operation_id="readRedListEntry",
    overseen=True,
    roles=(Role.INQUIRER, *_READERS),
    answer=Answer(message=RedListEntry, description="The entry.", example=examples.RED_LIST_ENTRY),
)
def read_entry(*, entry_id: uuid.UUID) -> Response:
    """An entry, for the carrier that proposed it, the operator, the auditor and the regulator."""
    return document(read_red_list(registry(), actor(), entry_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/red-list/<id:entry_id>/approvals",
    operation_id="approveRedListEntry",
    roles=_OVERSIGHT,
    reads=STEP,
    answer=Answer(
        message=RedListEntry, status=201, description="The entry, approved.", example=examples.RED_LIST_ENTRY
    ),
)
def approve_entry(*, entry_id: uuid.UUID, body: Step) -> Response:
    """Approve an entry; the second approval, by another participant, makes it effective."""
    del body
    return outcome(approve_red_list(registry(), actor(), call("approveRedListEntry"), entry_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/red-list/<id:entry_id>/revocation",
    operation_id="revokeRedListEntry",
    roles=_OVERSIGHT,
    reads=STEP,
    answer=Answer(message=RedListEntry, description="The entry, revoked.", example=examples.RED_LIST_ENTRY),
)
def revoke_entry(*, entry_id: uuid.UUID, body: Step) -> Response:
    """Take an entry off the list."""
    del body
    return outcome(revoke_red_list(registry(), actor(), call("revokeRedListEntry"), entry_id))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/red-list",
    operation_id="listRedList",
    overseen=True,
    roles=_READERS,
    query=RedListQuery,
    answer=Answer(message=RedListPage, description="A page.", example=examples.RED_LIST_PAGE),
)
def get_entries(*, query: RedListQuery) -> Response:
    """All entries, oldest first, for the operator, the auditor and the regulator."""
    return document(list_red_list(registry(), actor(), query, reading=reading()))
