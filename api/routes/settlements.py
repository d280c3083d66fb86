"""Settlements and the clearances that follow them."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import settlements as examples
from api.operations import OVERSEERS, STEP, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.reversals import Reversal, ReversalProposal
from protocol.messages.settlements import (
    Clearance,
    Settlement,
    SettlementOrder,
    SettlementPage,
    SettlementReceipt,
    SettlementsQuery,
)
from protocol.messages.steps import Step
from registry.usecases.reversals.confirm import confirm_reversal
from registry.usecases.reversals.propose import propose_reversal
from registry.usecases.reversals.read import read_reversal
from registry.usecases.settlements.read import list_settlements, read_clearance, read_settlement
from registry.usecases.settlements.settle import settle

BLUEPRINT: Final = DoorBlueprint(
    "settlements", __name__, description="Debts settled, payments reversed, and clearances."
)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/settlements",
    operation_id="createSettlement",
    roles=(Role.REPORTER,),
    reads=Input(message=SettlementOrder, example=examples.ORDER, finds=True),
    answer=Answer(message=SettlementReceipt, status=201, description="What it did.", example=examples.RECEIPT),
    one_transaction=True,
)
def create_settlement(*, body: SettlementOrder) -> Response:
    """A debt of the sender's is settled, in whole or in part."""
    return outcome(settle(registry(), actor(), call("createSettlement"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/clearances/<id:clearance_id>",
    operation_id="readClearance",
    roles=(Role.INQUIRER, Role.REPORTER),
    answer=Answer(message=Clearance, description="The clearance.", example=examples.CLEARANCE),
)
def get_clearance(*, clearance_id: uuid.UUID) -> Response:
    """A clearance that an applicant shows."""
    return document(read_clearance(registry(), actor(), clearance_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/settlements/<id:settlement_id>/reversals",
    operation_id="proposeReversal",
    roles=(Role.REPORTER,),
    reads=Input(message=ReversalProposal, example=examples.REVERSAL_PROPOSAL),
    answer=Answer(message=Reversal, status=201, description="Proposed.", example=examples.REVERSAL),
)
def post_reversal(*, settlement_id: uuid.UUID, body: ReversalProposal) -> Response:
    """A payment to the sender came undone; nothing changes before a second person confirms it."""
    return outcome(
        propose_reversal(registry(), actor(), call("proposeReversal"), settlement_id=settlement_id, body=body)
    )


@operation(
    BLUEPRINT,
    "GET",
    "/v1/reversals/<id:reversal_id>",
    operation_id="readReversal",
    overseen=True,
    roles=(Role.INQUIRER, Role.REPORTER, *OVERSEERS),
    answer=Answer(message=Reversal, description="The reversal.", example=examples.REVERSAL),
)
def get_reversal(*, reversal_id: uuid.UUID) -> Response:
    """A reversal of the sender's own, or of money that the sender took for another; offices read any."""
    return document(read_reversal(registry(), actor(), reversal_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/reversals/<id:reversal_id>/confirmation",
    operation_id="confirmReversal",
    roles=(Role.INQUIRER, Role.REPORTER),
    reads=STEP,
    answer=Answer(message=Reversal, description="The reversal, confirmed.", example=examples.REVERSAL),
)
def post_confirmation(*, reversal_id: uuid.UUID, body: Step) -> Response:
    """Confirm with another key than the proposal's, or as the carrier that took the money: it is owed again."""
    del body
    return outcome(confirm_reversal(registry(), actor(), call("confirmReversal"), reversal_id))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/settlements/<id:settlement_id>",
    operation_id="readSettlement",
    overseen=True,
    roles=(Role.REPORTER, *OVERSEERS),
    answer=Answer(message=Settlement, description="The settlement.", example=examples.SETTLEMENT),
)
def get_settlement(*, settlement_id: uuid.UUID) -> Response:
    """A settlement of the sender's own; an auditor and a regulator read any."""
    return document(read_settlement(registry(), actor(), settlement_id, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/settlements",
    operation_id="listSettlements",
    overseen=True,
    roles=(Role.REPORTER, *OVERSEERS),
    query=SettlementsQuery,
    answer=Answer(message=SettlementPage, description="A page.", example=examples.SETTLEMENT_PAGE),
)
def get_settlements(*, query: SettlementsQuery) -> Response:
    """The sender's own settlements; those of all creditors for an auditor and a regulator."""
    return document(list_settlements(registry(), actor(), query, reading=reading()))
