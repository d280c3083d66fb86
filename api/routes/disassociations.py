"""Household rebuttals: one step at the counter that saw proof."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import disassociations as examples
from api.operations import OVERSEERS, STEP, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.disassociations import NewRebuttal, Rebuttal, RebuttalPage, RebuttalsQuery
from protocol.messages.steps import Step
from registry.usecases.disassociations.file import rebut_household
from registry.usecases.disassociations.read import list_rebuttals, read_rebuttal
from registry.usecases.disassociations.withdraw import withdraw_rebuttal

BLUEPRINT: Final = DoorBlueprint("rebuttals", __name__, description="Subjects who are kept apart from a household.")
_COUNTERS: Final = (Role.INQUIRER, Role.REPORTER)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/rebuttals",
    operation_id="rebutHousehold",
    roles=_COUNTERS,
    reads=Input(message=NewRebuttal, example=examples.NEW_REBUTTAL),
    answer=Answer(message=Rebuttal, status=201, description="The rebuttal.", example=examples.REBUTTAL),
)
def post_rebuttal(*, body: NewRebuttal) -> Response:
    """Keep a subject apart from a household, both ways and from the next inquiry on; filed again it is renewed."""
    return outcome(rebut_household(registry(), actor(), call("rebutHousehold"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/rebuttals/<id:rebuttal_id>",
    operation_id="readRebuttal",
    overseen=True,
    roles=(*_COUNTERS, Role.ADJUDICATOR, *OVERSEERS),
    answer=Answer(message=Rebuttal, description="The rebuttal.", example=examples.REBUTTAL),
)
def get_rebuttal(*, rebuttal_id: uuid.UUID) -> Response:
    """A rebuttal, for its filer and the offices that oversee."""
    return document(read_rebuttal(registry(), actor(), rebuttal_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/rebuttals/<id:rebuttal_id>/withdrawal",
    operation_id="withdrawRebuttal",
    roles=(*_COUNTERS, Role.ADJUDICATOR),
    reads=STEP,
    answer=Answer(message=Rebuttal, description="The rebuttal, taken back.", example=examples.REBUTTAL),
)
def post_withdrawal(*, rebuttal_id: uuid.UUID, body: Step) -> Response:
    """Take a rebuttal back as its filer, or as an adjudicator where it was not true."""
    del body
    return outcome(withdraw_rebuttal(registry(), actor(), call("withdrawRebuttal"), rebuttal_id))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/rebuttals",
    operation_id="listRebuttals",
    overseen=True,
    roles=(Role.ADJUDICATOR, *OVERSEERS),
    query=RebuttalsQuery,
    answer=Answer(message=RebuttalPage, description="A page.", example=examples.REBUTTAL_PAGE),
)
def get_rebuttals(*, query: RebuttalsQuery) -> Response:
    """All rebuttals, oldest first, for adjudicators, auditors and regulators."""
    return document(list_rebuttals(registry(), actor(), query, reading=reading()))
