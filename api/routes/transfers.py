"""Debts that change hands: offered by two people of the seller, accepted by the buyer."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import transfers as examples
from api.operations import OVERSEERS, STEP, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.records import RecordPage, RecordsQuery
from protocol.messages.steps import Step
from protocol.messages.transfers import Acceptance, NewTransfer, Transfer, TransferPage, TransfersQuery
from registry.usecases.records.read import list_records
from registry.usecases.transfers.accept import accept_transfer
from registry.usecases.transfers.cancel import cancel_transfer
from registry.usecases.transfers.confirm import confirm_transfer
from registry.usecases.transfers.confirm_undo import confirm_undo
from registry.usecases.transfers.propose import propose_transfer
from registry.usecases.transfers.propose_undo import propose_undo
from registry.usecases.transfers.read import list_transfers, read_transfer

BLUEPRINT: Final = DoorBlueprint("transfers", __name__, description="Debts sold or merged, with their old clocks.")


@operation(
    BLUEPRINT,
    "GET",
    "/v1/records",
    operation_id="listRecords",
    roles=(Role.REPORTER,),
    query=RecordsQuery,
    answer=Answer(message=RecordPage, description="A page.", example=examples.RECORD_PAGE),
)
def get_records(*, query: RecordsQuery) -> Response:
    """The sender's own records, page by page, in an order that does not change."""
    return document(list_records(registry(), actor(), query))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers",
    operation_id="proposeTransfer",
    roles=(Role.REPORTER,),
    reads=Input(message=NewTransfer, example=examples.NEW_TRANSFER, finds=True),
    answer=Answer(message=Transfer, status=201, description="Proposed.", example=examples.TRANSFER),
)
def post_transfer(*, body: NewTransfer) -> Response:
    """Propose to give debts to another creditor; nothing changes before a second person confirms and it accepts."""
    return outcome(propose_transfer(registry(), actor(), call("proposeTransfer"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/transfers/<id:transfer_id>",
    operation_id="readTransfer",
    overseen=True,
    roles=(Role.REPORTER, *OVERSEERS),
    answer=Answer(message=Transfer, description="The transfer.", example=examples.TRANSFER),
)
def get_transfer(*, transfer_id: uuid.UUID) -> Response:
    """A transfer from or to the sender; an auditor and a regulator read any."""
    return document(read_transfer(registry(), actor(), transfer_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers/<id:transfer_id>/confirmation",
    operation_id="confirmTransfer",
    roles=(Role.REPORTER,),
    reads=STEP,
    answer=Answer(message=Transfer, description="The transfer, on offer.", example=examples.TRANSFER),
)
def post_transfer_confirmation(*, transfer_id: uuid.UUID, body: Step) -> Response:
    """Confirm with another key than the proposal's: the buyer is told of the offer."""
    del body
    return outcome(confirm_transfer(registry(), actor(), call("confirmTransfer"), transfer_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers/<id:transfer_id>/acceptance",
    operation_id="acceptTransfer",
    roles=(Role.REPORTER,),
    reads=Input(message=Acceptance, example=examples.ACCEPTANCE),
    answer=Answer(message=Transfer, description="What became of each record.", example=examples.TRANSFER),
)
def post_acceptance(*, transfer_id: uuid.UUID, body: Acceptance) -> Response:
    """Take the debts over, each on an account of the sender's own."""
    return outcome(accept_transfer(registry(), actor(), call("acceptTransfer"), transfer_id, body))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers/<id:transfer_id>/cancellation",
    operation_id="cancelTransfer",
    roles=(Role.REPORTER,),
    reads=STEP,
    answer=Answer(message=Transfer, description="The transfer, cancelled.", example=examples.TRANSFER),
)
def post_cancellation(*, transfer_id: uuid.UUID, body: Step) -> Response:
    """Take a transfer of the sender's own back that was not accepted."""
    del body
    return outcome(cancel_transfer(registry(), actor(), call("cancelTransfer"), transfer_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers/<id:transfer_id>/undo",
    operation_id="proposeUndo",
    roles=(Role.REPORTER,),
    reads=STEP,
    answer=Answer(message=Transfer, description="The transfer, to be undone.", example=examples.TRANSFER),
)
def post_undo(*, transfer_id: uuid.UUID, body: Step) -> Response:
    """Propose to the other party that an accepted transfer is undone, within `undo_days` of its acceptance."""
    del body
    return outcome(propose_undo(registry(), actor(), call("proposeUndo"), transfer_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/transfers/<id:transfer_id>/undo-confirmation",
    operation_id="confirmUndo",
    roles=(Role.REPORTER,),
    reads=STEP,
    answer=Answer(message=Transfer, description="What became of each record.", example=examples.TRANSFER),
)
def post_undo_confirmation(*, transfer_id: uuid.UUID, body: Step) -> Response:
    """Undo a transfer as the other party proposed: each debt goes back to the account that it had at its seller."""
    del body
    return outcome(confirm_undo(registry(), actor(), call("confirmUndo"), transfer_id))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/transfers",
    operation_id="listTransfers",
    overseen=True,
    roles=OVERSEERS,
    query=TransfersQuery,
    answer=Answer(message=TransferPage, description="A page.", example=examples.TRANSFER_PAGE),
)
def get_transfers(*, query: TransfersQuery) -> Response:
    """All transfers, for an auditor and a regulator."""
    return document(list_transfers(registry(), actor(), query, reading=reading()))
