"""The daily bound on rows that take a creditor's open records out, and a second key's confirmation of more."""

from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import take_outs as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.take_outs import NewTakeOutConfirmation, TakeOuts
from registry.usecases.records.confirm_take_outs import confirm_take_outs, read_take_outs

BLUEPRINT: Final = DoorBlueprint(
    "take_outs", __name__, description="Rows that take records out, and their daily bound."
)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/take-outs",
    operation_id="readTakeOuts",
    roles=(Role.REPORTER,),
    answer=Answer(message=TakeOuts, description="The present day.", example=examples.TAKE_OUTS),
)
def get_take_outs() -> Response:
    """Tell the records that the sender's rows took out today, and the held ones."""
    return document(read_take_outs(registry(), actor()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/take-outs/confirmation",
    operation_id="confirmTakeOuts",
    roles=(Role.REPORTER,),
    reads=Input(message=NewTakeOutConfirmation, example=examples.NEW_CONFIRMATION),
    answer=Answer(message=TakeOuts, description="The day, confirmed.", example=examples.CONFIRMED),
)
def post_take_out_confirmation(*, body: NewTakeOutConfirmation) -> Response:
    """Confirm, with another key than sent them, that so many of the held rows are right; they are sent again."""
    return outcome(
        confirm_take_outs(registry(), actor(), call("confirmTakeOuts"), day=body.day, take_outs=body.take_outs)
    )
