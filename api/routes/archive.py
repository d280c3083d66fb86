"""Oversight: a regulator's orders and an adjudicator's finding on a record, and the archive for audits."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import archive as examples
from api.examples.records import RECORD
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.archive import Finding, Order, SealedRecord
from protocol.messages.records import Record
from protocol.states import Action
from registry.usecases.archive.orders import carry_out_order
from registry.usecases.archive.read import read_archive
from registry.usecases.disputes.void_record import void_record

BLUEPRINT: Final = DoorBlueprint("oversight", __name__, description="Orders and findings on a record; the archive.")
_RECORD: Final = "/v1/records/<id:record_id>"
_ORDER: Final = Input(message=Order, example=examples.ORDER)
_ANSWER: Final = Answer(message=Record, description="The record as it is now.", example=RECORD)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/freeze",
    operation_id="freezeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def freeze_record(*, record_id: uuid.UUID, body: Order) -> Response:
    """Keep a record from blocking while an order stands; its fee and its years run on."""
    return _carry_out("freezeRecord", Action.FREEZE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/unfreeze",
    operation_id="unfreezeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def unfreeze_record(*, record_id: uuid.UUID, body: Order) -> Response:
    """Lift a freeze: the record blocks again."""
    return _carry_out("unfreezeRecord", Action.UNFREEZE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/discharge",
    operation_id="dischargeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def discharge_record(*, record_id: uuid.UUID, body: Order) -> Response:
    """Close a record whose debt a court has discharged; it is never listed again."""
    return _carry_out("dischargeRecord", Action.DISCHARGE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/void",
    operation_id="voidRecord",
    roles=(Role.ADJUDICATOR,),
    reads=Input(message=Finding, example=examples.FINDING),
    answer=_ANSWER,
)
def void_stolen(*, record_id: uuid.UUID, body: Finding) -> Response:
    """Close a record that was opened with a stolen identity, and mark the victim."""
    return outcome(void_record(registry(), actor(), call("voidRecord"), record_id=record_id, finding=body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/archive/<id:record_id>",
    operation_id="readArchive",
    overseen=True,
    roles=(Role.AUDITOR, Role.REGULATOR),
    answer=Answer(message=SealedRecord, description="The record.", example=examples.ARCHIVED),
)
def get_archived(*, record_id: uuid.UUID) -> Response:
    """Open a sealed record; each reading is logged. Unknown once the record is purged."""
    return document(read_archive(registry(), actor(), record_id, reading=reading()))


def _carry_out(operation_id: str, action: Action, record_id: uuid.UUID, body: Order) -> Response:
    return outcome(
        carry_out_order(registry(), actor(), call(operation_id), record_id=record_id, action=action, order=body)
    )
