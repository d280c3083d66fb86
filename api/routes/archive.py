"""Oversight: a regulator's orders and an adjudicator's finding on a record, and the archive for whoever audits."""

import uuid
from typing import Any, Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import archive as examples
from api.examples.records import RECORD
from api.operations import Answer, Input, operation
from api.schemas.archive import FindingSchema, OrderSchema, SealedRecordSchema
from api.schemas.records import RecordSchema
from protocol.codes import Role
from registry.usecases.archive.orders import Order, carry_out_order
from registry.usecases.archive.read import read_archive
from registry.usecases.disputes.void_record import void_record

BLUEPRINT: Final = DoorBlueprint("oversight", __name__, description="Orders and findings on a record; the archive.")
_RECORD: Final = "/v1/records/<id:record_id>"
_ORDER: Final = Input(schema=OrderSchema(), example=examples.ORDER)
_ANSWER: Final = Answer(schema=RecordSchema(), description="The record as it is now.", example=RECORD)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/freeze",
    operation_id="freezeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def freeze_record(*, record_id: uuid.UUID, body: dict[str, Any]) -> Response:
    """Keep a record from blocking while an order stands; its fee and its years run on."""
    return _carry_out("freezeRecord", Order.FREEZE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/unfreeze",
    operation_id="unfreezeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def unfreeze_record(*, record_id: uuid.UUID, body: dict[str, Any]) -> Response:
    """Lift a freeze: the record blocks again."""
    return _carry_out("unfreezeRecord", Order.UNFREEZE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/discharge",
    operation_id="dischargeRecord",
    roles=(Role.REGULATOR,),
    reads=_ORDER,
    answer=_ANSWER,
)
def discharge_record(*, record_id: uuid.UUID, body: dict[str, Any]) -> Response:
    """Close a record whose debt a court has discharged; it is never listed again."""
    return _carry_out("dischargeRecord", Order.DISCHARGE, record_id, body)


@operation(
    BLUEPRINT,
    "POST",
    f"{_RECORD}/void",
    operation_id="voidRecord",
    roles=(Role.ADJUDICATOR,),
    reads=Input(schema=FindingSchema(), example=examples.FINDING),
    answer=_ANSWER,
)
def void_stolen(*, record_id: uuid.UUID, body: dict[str, Any]) -> Response:
    """Close a record that was opened with a stolen identity, and mark the victim."""
    return outcome(void_record(registry(), actor(), call("voidRecord"), record_id=record_id, **body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/archive/<id:record_id>",
    operation_id="readArchive",
    roles=(Role.AUDITOR, Role.REGULATOR),
    answer=Answer(schema=SealedRecordSchema(), description="The record.", example=examples.ARCHIVED),
)
def get_archived(*, record_id: uuid.UUID) -> Response:
    """Open a sealed record; each reading is logged. Unknown once the record is purged."""
    return document(read_archive(registry(), actor(), record_id))


def _carry_out(operation_id: str, order: Order, record_id: uuid.UUID, body: dict[str, Any]) -> Response:
    given = carry_out_order(
        registry(),
        actor(),
        call(operation_id),
        record_id=record_id,
        order=order,
        order_digest=body["order_reference"],
        expected_version=body["expected_version"],
    )
    return outcome(given)
