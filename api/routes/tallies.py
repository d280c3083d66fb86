"""Evaluation tallies: what custodians counted, beside what the registry did."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import tallies as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.tallies import NewTally, Tallies, TalliesQuery, Tally
from registry.usecases.tallies.keep import keep_tally
from registry.usecases.tallies.read import read_tallies

BLUEPRINT: Final = DoorBlueprint(
    "tallies", __name__, description="What custodians evaluated, against what was asked and reported."
)
_PATH: Final = "/v1/evaluation-tallies"


@operation(
    BLUEPRINT,
    "POST",
    _PATH,
    operation_id="keepEvaluationTally",
    roles=(Role.CUSTODIAN,),
    reads=Input(message=NewTally, example=examples.NEW_TALLY),
    answer=Answer(
        message=Tally,
        status=201,
        also={200: "The same tally was kept before."},
        description="The tally is kept, and in the access log.",
        example=examples.TALLY,
    ),
)
def post_tally(*, body: NewTally) -> Response:
    """A custodian says how many elements it evaluated for each carrier on a day that is over."""
    return outcome(keep_tally(registry(), actor(), call("keepEvaluationTally"), body.statement))


@operation(
    BLUEPRINT,
    "GET",
    _PATH,
    operation_id="readEvaluationTallies",
    overseen=True,
    roles=(Role.AUDITOR, Role.REGULATOR),
    query=TalliesQuery,
    answer=Answer(message=Tallies, description="The day.", example=examples.TALLIES),
)
def get_tallies(*, query: TalliesQuery) -> Response:
    """All tallies of a UTC day, and each carrier's inquiries and reported rows on it; each reading is logged."""
    return document(read_tallies(registry(), actor(), query.day, reading=reading()))
