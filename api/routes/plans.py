"""Instalment plans: arranged by the creditor, ended by payments or by the clock."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import plans as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.plans import Plan, PlanArrangement
from registry.usecases.plans.arrange import arrange_plan
from registry.usecases.plans.read import read_plan

BLUEPRINT: Final = DoorBlueprint("plans", __name__, description="Debts that are paid by instalments.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/plans",
    operation_id="arrangePlan",
    roles=(Role.REPORTER,),
    reads=Input(message=PlanArrangement, example=examples.PLAN_ARRANGEMENT, finds=True),
    answer=Answer(message=Plan, status=201, description="The plan.", example=examples.PLAN),
)
def post_plan(*, body: PlanArrangement) -> Response:
    """Instalments for a record of the sender's own, which does not block while they are paid."""
    return outcome(arrange_plan(registry(), actor(), call("arrangePlan"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/plans/<id:plan_id>",
    operation_id="readPlan",
    roles=(Role.REPORTER,),
    answer=Answer(message=Plan, description="The plan.", example=examples.PLAN),
)
def get_plan(*, plan_id: uuid.UUID) -> Response:
    """A plan of the sender's own."""
    return document(read_plan(registry(), actor(), plan_id))
