"""The one table of what the local service does: path, method, scope, body, answer and refusals of every operation."""

from typing import Final

from gateway.local.bodies import TAKES_A_DOCUMENT
from gateway.local.contract import answers, bodies
from gateway.local.contract.attestations import ATTESTATION_OPERATIONS
from gateway.local.contract.deposits import DEPOSIT_OPERATIONS
from gateway.local.contract.operation import Operation
from gateway.local.contract.order_operations import ORDER_OPERATIONS
from gateway.local.contract.tmf import TMF_OPERATIONS
from gateway.local.tokens import Scope
from protocol.messages.collected import CollectionReceipt
from protocol.messages.disassociations import Rebuttal
from protocol.messages.disputes import Dispute, DisputeDocument, DisputeDocuments, Disputes
from protocol.messages.inquiries import Quote
from protocol.problems import Problem

CONTRACT: Final = "openapi"
"""The endpoint that serves this table as a document."""
_ASKED_AGAIN: Final = "The same call under the same key gives the stored answer and doubles nothing."
_ID: Final = "/dispute/{dispute_id}"

OPERATIONS: Final = (
    Operation(
        endpoint="check",
        operation_id="checkApplicant",
        method="POST",
        path="/check",
        scope=Scope.CHECK,
        summary="Ask whether an applicant may have a service now.",
        description=(
            "With any of the circumstances (`purpose` to `household_source`) the request needs `purpose`, `identity`,"
            " `consent`, `order` (or `reference`), `channel` and `consent_text` (or their defaults at the gateway),"
            " and the `outlet`, `dealer` and `agent` of its channel. A second call is a second inquiry."
        ),
        body=bodies.CheckRequest,
        answer=answers.DECISION,
        answered=((200, "The decision."),),
        passed_on=(Problem.INVALID_FIELD, Problem.QUOTA_EXCEEDED, Problem.CONTEXT_REQUIRED),
    ),
    *ORDER_OPERATIONS,
    Operation(
        endpoint="quotes",
        operation_id="readQuote",
        method="GET",
        path="/quotes/{reference}",
        scope=Scope.CHECK,
        summary="Read the quote of a decision: creditors, amounts and how to pay.",
        description="It names the creditors: show it to the applicant, and to nobody else.",
        answer=Quote,
        answered=((200, "The quote."),),
        passed_on=(Problem.NOT_FOUND, Problem.QUOTA_EXCEEDED),
    ),
    Operation(
        endpoint="custodians",
        operation_id="readCustodians",
        method="GET",
        path="/custodians",
        scope=Scope.CHECK,
        summary="Name the custodians that answered wrongly since the start.",
        answer=answers.Custodians,
    ),
    Operation(
        endpoint="file_dispute",
        operation_id="fileDispute",
        method="POST",
        path="/dispute",
        scope=Scope.COUNTER,
        summary="File a dispute for the subject who stands at the counter.",
        description=_ASKED_AGAIN,
        body=bodies.Complaint,
        has_key=True,
        answer=Disputes,
        answered=((201, "One case for each disputed record."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
    Operation(
        endpoint="show_dispute",
        operation_id="readDispute",
        method="GET",
        path=_ID,
        scope=Scope.COUNTER,
        summary="Read how a dispute stands.",
        answer=Dispute,
        answered=((200, "The case."),),
        passed_on=(Problem.NOT_FOUND, Problem.QUOTA_EXCEEDED),
    ),
    Operation(
        endpoint="list_documents",
        operation_id="listDisputeDocuments",
        method="GET",
        path=f"{_ID}/documents",
        scope=Scope.COUNTER,
        summary="List the documents of a case, oldest first.",
        answer=DisputeDocuments,
        answered=((200, "The documents, without their content."),),
        passed_on=(Problem.NOT_FOUND, Problem.QUOTA_EXCEEDED),
    ),
    Operation(
        endpoint=TAKES_A_DOCUMENT,
        operation_id="addDisputeDocument",
        method="POST",
        path=f"{_ID}/documents",
        scope=Scope.COUNTER,
        summary="Add a document to a case.",
        description="The same document again is the same document.",
        body=bodies.Paper,
        answer=DisputeDocument,
        answered=((201, "The document, without its content."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.NOT_THE_CREDITOR,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
    Operation(
        endpoint="statement",
        operation_id="giveStatement",
        method="POST",
        path="/statement",
        scope=Scope.COUNTER,
        summary="Give the subject at the counter everything that the registry holds of them.",
        description=_ASKED_AGAIN,
        body=bodies.StatementRequest,
        has_key=True,
        answer=answers.STATED,
        answered=((201, "The statement."),),
        passed_on=(Problem.INVALID_FIELD, Problem.IDEMPOTENCY_KEY_REUSED, Problem.QUOTA_EXCEEDED),
    ),
    Operation(
        endpoint="rebut",
        operation_id="rebutHousehold",
        method="POST",
        path="/rebut",
        scope=Scope.COUNTER,
        summary="Keep the subject at the counter apart from a household.",
        description=_ASKED_AGAIN,
        body=bodies.Separation,
        has_key=True,
        answer=Rebuttal,
        answered=((201, "The rebuttal."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
    Operation(
        endpoint="settlements",
        operation_id="reportSettlement",
        method="POST",
        path="/settlements",
        scope=Scope.MONEY,
        summary="Report that a debt to this carrier is settled.",
        description=f"{_ASKED_AGAIN} An amount of 0 is a WAIVER.",
        body=bodies.Payment,
        has_key=True,
        answer=answers.SETTLED,
        answered=((201, "The registry has it."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.RECORD_TRANSFERRED,
            Problem.NOT_THE_CREDITOR,
            Problem.NOT_IN_FULL,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
    Operation(
        endpoint="collect",
        operation_id="collectQuote",
        method="POST",
        path="/collect",
        scope=Scope.MONEY,
        summary="Report a whole quote that was paid at this carrier's counter for other carriers.",
        description=_ASKED_AGAIN,
        body=bodies.Takings,
        has_key=True,
        answer=CollectionReceipt,
        answered=((201, "The registry has it: a line for each debt, a clearance for each debtor."),),
        passed_on=(
            Problem.INVALID_FIELD,
            Problem.NOT_FOUND,
            Problem.EDGE_NOT_ALLOWED,
            Problem.NOT_THE_CREDITOR,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
    Operation(
        endpoint="healthz",
        operation_id="readHealth",
        method="GET",
        path="/healthz",
        scope=None,
        summary="Answer as long as the process runs.",
        answer=answers.Alive,
    ),
    Operation(
        endpoint="readyz",
        operation_id="readReadiness",
        method="GET",
        path="/readyz",
        scope=None,
        summary="Tell whether a check can be served now, and the gateway's alarms.",
        answer=answers.LocalReadiness,
        answered=((200, "It can be served."), (503, "It cannot: the answer names who is silent.")),
    ),
    Operation(
        endpoint=CONTRACT,
        operation_id="readContract",
        method="GET",
        path="/openapi.json",
        scope=None,
        summary="Give this document.",
    ),
    *ATTESTATION_OPERATIONS,
    *DEPOSIT_OPERATIONS,
    *TMF_OPERATIONS,
)
SCOPES: Final = {each.endpoint: each.scope for each in OPERATIONS if each.scope is not None}
"""The one scope of every route that needs a token, by endpoint."""
OPEN: Final = frozenset(each.endpoint for each in OPERATIONS if each.scope is None)
"""Endpoints without a token: they tell nothing of any person or carrier."""
PASSED_ON: Final = frozenset(problem for each in OPERATIONS for problem in each.passed_on)
"""The registry's refusals that concern a caller's request; any other is the gateway's own fault."""
