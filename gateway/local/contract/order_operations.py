"""The operations of the local service on the way of an order after its check."""

from typing import Final

from gateway.local.bodies import TAKES_MANY_OUTCOMES
from gateway.local.contract import answers, bodies
from gateway.local.contract.operation import Operation
from gateway.local.tokens import Scope
from protocol.messages.limits import MAX_BATCH
from protocol.problems import Problem

ORDER_OPERATIONS: Final = (
    Operation(
        endpoint="recheck",
        operation_id="recheckOrder",
        method="POST",
        path="/recheck",
        scope=Scope.CHECK,
        summary="Ask whether anything has changed since the newest decision on an order.",
        description="The same inquiry without the applicant's documents, up to 20 times in 30 days; see `changed`.",
        body=bodies.RecheckRequest,
        answer=answers.DECISION,
        answered=((200, "The decision as it is now."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.RECHECK_OVER,
            Problem.TOKEN_INVALID,
            Problem.TOKEN_FOREIGN,
            Problem.QUOTA_EXCEEDED,
        ),
        own=(Problem.ORDER_UNKNOWN, Problem.NOT_OFFERED, Problem.EPOCH_UNKNOWN),
    ),
    Operation(
        endpoint="activations",
        operation_id="reportOutcome",
        method="POST",
        path="/activations",
        scope=Scope.CHECK,
        summary="Report the outcome of an order, or of a part of it.",
        description=(
            "The same call again says the same and doubles nothing, with an Idempotency-Key or without. Another"
            " outcome of the same part is its next revision, a correction. `outcome` says which `reason` goes with it:"
            " docs/runbooks/activations.md."
        ),
        body=bodies.OutcomeReport,
        has_key=True,
        answer=answers.REPORTED,
        answered=((200, "The registry had it before; this is the answer of then."), (201, "The registry has it.")),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.ALREADY_REPORTED,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.TOKEN_INVALID,
            Problem.TOKEN_FOREIGN,
            Problem.TOKEN_OTHER_ORDER,
            Problem.TOKEN_EXPIRED,
            Problem.SECOND_PERSON_MISSING,
            Problem.SAME_PERSON,
            Problem.QUOTA_EXCEEDED,
        ),
        own=(Problem.ORDER_UNKNOWN, Problem.NOT_OFFERED),
    ),
    Operation(
        endpoint=TAKES_MANY_OUTCOMES,
        operation_id="reportOutcomes",
        method="POST",
        path="/activations/batch",
        scope=Scope.CHECK,
        summary="Report many outcomes at once.",
        description=(
            f"A verdict for each of 1 to {MAX_BATCH} outcomes, in their order; one that is refused stops none of the"
            " others, and its `errors` name members of its own. The same call again doubles nothing, by order, part and"
            " revision; an Idempotency-Key is not read. After a 503 some may have been taken: send the same call again."
        ),
        body=bodies.OutcomeReports,
        answer=answers.OutcomeVerdicts,
        answered=((200, "The verdicts. Each outcome has its own: look at all of them."),),
        passed_on=(Problem.INVALID_FIELD, Problem.QUOTA_EXCEEDED),
        own=(Problem.NOT_OFFERED,),
    ),
    Operation(
        endpoint="grade_reviews",
        operation_id="reviewGrade",
        method="POST",
        path="/grade-reviews",
        scope=Scope.CHECK,
        summary="Tell that a person reviewed the decision that a grade made on an order.",
        description=(
            "The applicant asked for it (`asked_at`). LIFTED needs a second person in `approved_by`; the order may then"
            " be done as asked, and is reported as ACTIVATED with the reason REVIEWED. A CONFIRMED decision may"
            " still be LIFTED, once. The same call again says the same and doubles nothing."
        ),
        body=bodies.ReviewReport,
        has_key=True,
        answer=answers.REVIEWED,
        answered=((201, "The registry has it; the same told before gets the answer of then."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.EDGE_NOT_ALLOWED,
            Problem.NOT_GRADED,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.TOKEN_INVALID,
            Problem.TOKEN_FOREIGN,
            Problem.SECOND_PERSON_MISSING,
            Problem.SAME_PERSON,
            Problem.QUOTA_EXCEEDED,
        ),
        own=(Problem.ORDER_UNKNOWN, Problem.NOT_OFFERED),
    ),
)
