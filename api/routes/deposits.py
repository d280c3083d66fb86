"""Deposits: those that a carrier holds, and the return of one."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import deposits as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.deposits import Deposit, DepositReturn, Deposits, DepositsQuery
from registry.usecases.deposits.give_back import return_deposit
from registry.usecases.deposits.read import list_deposits

BLUEPRINT: Final = DoorBlueprint("deposits", __name__, description="Deposits that were taken, and their return.")


@operation(
    BLUEPRINT,
    "GET",
    "/v1/deposits",
    operation_id="listDeposits",
    roles=(Role.INQUIRER,),
    query=DepositsQuery,
    answer=Answer(message=Deposits, description="A page.", example=examples.DEPOSITS),
)
def get_deposits(*, query: DepositsQuery) -> Response:
    """List the deposits that the sender holds, and when each is due back."""
    return document(list_deposits(registry(), actor(), query))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/deposits/<id:activation_id>/returns",
    operation_id="returnDeposit",
    roles=(Role.INQUIRER,),
    reads=Input(message=DepositReturn, example=examples.RETURN),
    answer=Answer(message=Deposit, status=201, description="The deposit after it.", example=examples.RETURNED),
)
def post_return(*, activation_id: uuid.UUID, body: DepositReturn) -> Response:
    """Report that a deposit was given back, in whole or in part, by the id of the report that it was taken with."""
    return outcome(return_deposit(registry(), actor(), call("returnDeposit"), activation_id=activation_id, body=body))
