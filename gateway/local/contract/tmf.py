"""The operations of TM Forum's APIs that the local service takes."""

from typing import Final

from gateway.local.contract.operation import Operation
from gateway.local.tokens import Scope
from gateway.tmf.answers import CheckProductOfferingQualification
from gateway.tmf.bodies import CheckProductOfferingQualificationRequest, ProductOrderStateChangeEvent
from gateway.tmf.results import ROOT
from protocol.problems import Problem

CHECK: Final = Operation(
    endpoint="tmf_check",
    operation_id="createCheckProductOfferingQualification",
    method="POST",
    path=ROOT,
    scope=Scope.CHECK,
    summary="Ask whether a customer may have some product offerings now (TMF679 v5.0.0).",
    description=(
        "One inquiry for each item, all in one call and one deadline. Members of TM Forum's that are marked as not read"
        " change nothing; a member that is not listed is refused. `Expect: 202-Accepted` is refused (400 by the"
        " server itself): we are instant."
        " Labels are in the language of `Accept-Language`, `zh-CN` (the default) or `en`. The parameter `fields` is not"
        " read. docs/integrate.md has the tables of the gateway's settings."
    ),
    body=CheckProductOfferingQualificationRequest,
    answer=CheckProductOfferingQualification,
    answered=((200, "The decisions."),),
    passed_on=(Problem.INVALID_FIELD, Problem.QUOTA_EXCEEDED, Problem.CONTEXT_REQUIRED),
    own=(Problem.NOT_SERVED,),
    is_tmf=True,
)
ANSWER: Final = Operation(
    endpoint="tmf_answer",
    operation_id="retrieveCheckProductOfferingQualification",
    method="GET",
    path=f"{ROOT}/{{qualification_id}}",
    scope=Scope.CHECK,
    summary="Give the answer to a check again (TMF679 v5.0.0), for 90 days.",
    description=(
        "Only codes are kept: `clearlineQuote` and `clearlineOrderKept` are left out, and an item's id that is no"
        " number of at most three digits is its place. It is the answer of then: POST /recheck asks anew."
    ),
    answer=CheckProductOfferingQualification,
    answered=((200, "The decisions of then."),),
    own=(Problem.NOT_FOUND, Problem.NOT_SERVED),
    is_tmf=True,
)
EVENT: Final = Operation(
    endpoint="tmf_event",
    operation_id="productOrderStateChangeEvent",
    method="POST",
    path="/listener/productOrderStateChangeEvent",
    scope=Scope.CHECK,
    summary="Take an event of an order (TMF622 v5.0.0), and report the order's outcome.",
    description=(
        "`completed` is reported as ACTIVATED, or as PREPAID where an item has the prepaid alternate; `cancelled`,"
        " `rejected` and `failed` as DECLINED, or as CANCELLED_LATER after an opening. Any other state changes nothing."
        " The same event again reports nothing. `clearlineReason` is the `reason` of POST /activations, by which all"
        " is told that an event cannot say: overrides, deposits, parts (code TELL_BY_ACTIVATIONS)."
    ),
    body=ProductOrderStateChangeEvent,
    answered=((204, "Notified: the registry has each report that the event asks for."),),
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
        Problem.QUOTA_EXCEEDED,
    ),
    own=(Problem.ORDER_UNKNOWN, Problem.NOT_OFFERED, Problem.NOT_SERVED),
    is_tmf=True,
    is_open=True,
)
TMF_OPERATIONS: Final = (CHECK, ANSWER, EVENT)
TMF_ROUTES: Final = frozenset(each.endpoint for each in TMF_OPERATIONS)
"""Endpoints whose refusals are TM Forum's Error."""
