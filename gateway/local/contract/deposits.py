"""The operation of the local service that gives deposits back: a part of its one table."""

from typing import Final

from gateway.local.contract import answers, bodies
from gateway.local.contract.operation import Operation
from gateway.local.tokens import Scope
from protocol.problems import Problem

DEPOSIT_OPERATIONS: Final = (
    Operation(
        endpoint="return_deposit",
        operation_id="returnDeposit",
        method="POST",
        path="/deposits/returns",
        scope=Scope.MONEY,
        summary="Report that a deposit was given back, in whole or in part.",
        description=(
            "The same sums at the same time are the same return, with an Idempotency-Key or without. Something is kept"
            " for undisputed bills once the service has ended, and never while a debt is disputed:"
            " docs/spec/deposits.md."
        ),
        body=bodies.DepositReturned,
        has_key=True,
        answer=answers.DEPOSIT,
        answered=((201, "The deposit as it is now."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.NOT_A_DEPOSIT,
            Problem.DEPOSIT_RETURNED,
            Problem.ITEM_DISPUTED,
            Problem.SERVICE_NOT_ENDED,
            Problem.MORE_THAN_LEFT,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
        own=(Problem.ORDER_UNKNOWN,),
    ),
)
