"""Settlements and the clearances that follow them."""

import uuid
from typing import Any, Final

from flask import Response

from api import examples
from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.converters import settlement_order
from api.door import actor, call, registry
from api.operations import Answer, Input, operation
from api.schemas.settlements import ClearanceSchema, SettlementOrderSchema, SettlementReceiptSchema
from protocol.codes import Role
from registry.usecases.read_clearance import read_clearance
from registry.usecases.settle import settle

BLUEPRINT: Final = DoorBlueprint("settlements", __name__, description="Debts settled, and clearances.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/settlements",
    operation_id="createSettlement",
    roles=(Role.REPORTER,),
    reads=Input(schema=SettlementOrderSchema(), example=examples.ORDER),
    answer=Answer(schema=SettlementReceiptSchema(), status=201, description="What it did.", example=examples.RECEIPT),
)
def create_settlement(*, body: dict[str, Any]) -> Response:
    """A debt of the sender's is settled, in whole or in part."""
    return outcome(settle(registry(), actor(), call("createSettlement"), settlement_order(body)))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/clearances/<id:clearance_id>",
    operation_id="readClearance",
    roles=(Role.INQUIRER, Role.REPORTER),
    answer=Answer(schema=ClearanceSchema(), description="The clearance.", example=examples.CLEARANCE),
)
def get_clearance(*, clearance_id: uuid.UUID) -> Response:
    """A clearance that an applicant shows."""
    return document(read_clearance(registry(), actor(), clearance_id))
