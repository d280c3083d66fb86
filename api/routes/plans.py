"""Instalment plans: arranged by the creditor, ended by payments or by the clock."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import plans as examples
from api.operations import OVERSEERS, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.plans import Plan, PlanArrangement, PlanPage, PlansQuery, ShownPlan
from registry.usecases.plans.arrange import arrange_plan
from registry.usecases.plans.read import list_plans, read_plan

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
    overseen=True,
    roles=(Role.REPORTER, *OVERSEERS),
    answer=Answer(message=ShownPlan, description="The plan.", example=examples.SHOWN_PLAN),
)
def get_plan(*, plan_id: uuid.UUID) -> Response:
    """A plan of the sender's own; an auditor and a regulator read any, with its creditor."""
    return document(read_plan(registry(), actor(), plan_id, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/plans",
    operation_id="listPlans",
    overseen=True,
    roles=OVERSEERS,
    query=PlansQuery,
    answer=Answer(message=PlanPage, description="A page.", example=examples.PLAN_PAGE),
)
def get_plans(*, query: PlansQuery) -> Response:
    """The plans of all creditors, for an auditor and a regulator."""
    return document(list_plans(registry(), actor(), query, reading=reading()))
