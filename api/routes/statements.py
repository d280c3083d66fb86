"""A subject's statement, through any carrier's counter or kiosk."""

from typing import Any, Final

from flask import Response

from api.answers import outcome
from api.blueprint import DoorBlueprint
from api.converters import subject_tokens
from api.door import actor, call, registry
from api.examples import statements as examples
from api.operations import Answer, Input, operation
from api.schemas.statements import StatementRequestSchema, StatementSchema
from protocol.codes import Role
from registry.usecases.statements.give import give_statement

BLUEPRINT: Final = DoorBlueprint("statements", __name__, description="What is held about a subject, told to it.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/statements",
    operation_id="giveStatement",
    roles=(Role.INQUIRER, Role.REPORTER),
    reads=Input(schema=StatementRequestSchema(), example=examples.STATEMENT_REQUEST),
    answer=Answer(schema=StatementSchema(), status=201, description="The statement.", example=examples.STATEMENT),
)
def post_statement(*, body: dict[str, Any]) -> Response:
    """Everything that is held about a subject, for the subject at the counter; some of a year are free."""
    return outcome(give_statement(registry(), actor(), call("giveStatement"), subject_tokens(body["tokens"])))
