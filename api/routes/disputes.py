"""Disputes: filed at any counter, answered by the creditor, decided by an adjudicator, with documents."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import disputes as examples
from api.operations import OVERSEERS, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.disputes import (
    Dispute,
    DisputeAnswerBody,
    DisputeDecisionBody,
    DisputeDocument,
    DisputeDocuments,
    DisputeFiling,
    DisputePage,
    Disputes,
    DisputesQuery,
    NewDisputeDocument,
    OpenedDocument,
    VictimMarker,
    VictimRenewal,
)
from registry.usecases.disputes.add_paper import add_paper
from registry.usecases.disputes.answer import answer_dispute
from registry.usecases.disputes.decide import decide_dispute
from registry.usecases.disputes.mark_victim import renew_victim_marker
from registry.usecases.disputes.open import open_dispute
from registry.usecases.disputes.read import (
    list_disputes,
    list_papers,
    open_paper,
    read_dispute,
)

BLUEPRINT: Final = DoorBlueprint("disputes", __name__, description="Records that their subjects dispute.")
_SIDES: Final = (Role.INQUIRER, Role.REPORTER)
_CASE: Final = "/v1/disputes/<id:dispute_id>"


@operation(
    BLUEPRINT,
    "POST",
    "/v1/disputes",
    operation_id="fileDispute",
    roles=(Role.INQUIRER,),
    reads=Input(message=DisputeFiling, example=examples.DISPUTE_FILING, finds=True),
    answer=Answer(message=Disputes, status=201, description="The cases, one a record.", example=examples.DISPUTES),
)
def file_dispute(*, body: DisputeFiling) -> Response:
    """Dispute a subject's records; they block nobody from this moment on, unless their figures were judged before."""
    return outcome(open_dispute(registry(), actor(), call("fileDispute"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/disputes",
    operation_id="listDisputes",
    overseen=True,
    roles=(*_SIDES, Role.ADJUDICATOR, *OVERSEERS),
    query=DisputesQuery,
    answer=Answer(message=DisputePage, description="The next cases.", example=examples.DISPUTE_PAGE),
)
def get_disputes(*, query: DisputesQuery) -> Response:
    """All cases for an office; for a carrier those that it filed or is the creditor of."""
    return document(list_disputes(registry(), actor(), query, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    _CASE,
    operation_id="readDispute",
    overseen=True,
    roles=(*_SIDES, Role.ADJUDICATOR, *OVERSEERS),
    answer=Answer(message=Dispute, description="The case.", example=examples.DISPUTE),
)
def get_dispute(*, dispute_id: uuid.UUID) -> Response:
    """A case, for its filer, its creditor, the adjudicators, and the offices that oversee."""
    return document(read_dispute(registry(), actor(), dispute_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    f"{_CASE}/answer",
    operation_id="answerDispute",
    roles=(Role.REPORTER,),
    reads=Input(message=DisputeAnswerBody, example=examples.DISPUTE_ANSWER),
    answer=Answer(message=Dispute, description="The case, answered.", example=examples.DISPUTE),
)
def post_answer(*, dispute_id: uuid.UUID, body: DisputeAnswerBody) -> Response:
    """Concede, or stand by the record for a reason; late, once, the record blocks again."""
    return outcome(answer_dispute(registry(), actor(), call("answerDispute"), dispute_id=dispute_id, body=body))


@operation(
    BLUEPRINT,
    "POST",
    f"{_CASE}/decision",
    operation_id="decideDispute",
    roles=(Role.ADJUDICATOR,),
    reads=Input(message=DisputeDecisionBody, example=examples.DISPUTE_DECISION),
    answer=Answer(message=Dispute, description="The case, closed.", example=examples.DISPUTE),
)
def post_decision(*, dispute_id: uuid.UUID, body: DisputeDecisionBody) -> Response:
    """Uphold the record, withdraw it, void it for a stolen identity, or stop it until the case is decided."""
    return outcome(decide_dispute(registry(), actor(), call("decideDispute"), dispute_id=dispute_id, body=body))


@operation(
    BLUEPRINT,
    "POST",
    f"{_CASE}/documents",
    operation_id="addDisputeDocument",
    roles=_SIDES,
    reads=Input(message=NewDisputeDocument, example=examples.NEW_DISPUTE_DOCUMENT, large=True),
    answer=Answer(message=DisputeDocument, status=201, description="The document.", example=examples.DISPUTE_DOCUMENT),
)
def post_document(*, dispute_id: uuid.UUID, body: NewDisputeDocument) -> Response:
    """Add a document to a case that is not closed; it is sealed at rest."""
    return outcome(add_paper(registry(), actor(), call("addDisputeDocument"), dispute_id=dispute_id, body=body))


@operation(
    BLUEPRINT,
    "GET",
    f"{_CASE}/documents",
    operation_id="listDisputeDocuments",
    overseen=True,
    roles=(*_SIDES, Role.ADJUDICATOR),
    answer=Answer(message=DisputeDocuments, description="The documents.", example=examples.DISPUTE_DOCUMENTS),
)
def get_documents(*, dispute_id: uuid.UUID) -> Response:
    """The documents of a case, without their contents."""
    return document(list_papers(registry(), actor(), dispute_id, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    f"{_CASE}/documents/<id:document_id>",
    operation_id="readDisputeDocument",
    overseen=True,
    roles=(*_SIDES, Role.ADJUDICATOR),
    answer=Answer(message=OpenedDocument, description="The document.", example=examples.OPENED_DOCUMENT),
)
def get_document(*, dispute_id: uuid.UUID, document_id: uuid.UUID) -> Response:
    """A document with its content; each reading is logged."""
    return document(open_paper(registry(), actor(), dispute_id, document_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/victim-markers",
    operation_id="renewVictimMarker",
    roles=(Role.INQUIRER,),
    reads=Input(message=VictimRenewal, example=examples.VICTIM_RENEWAL, finds=True),
    answer=Answer(message=VictimMarker, status=201, description="The renewed marker.", example=examples.VICTIM_MARKER),
)
def post_renewal(*, body: VictimRenewal) -> Response:
    """Renew the marker of a victim of identity theft that still holds; only an adjudicator begins one."""
    return outcome(renew_victim_marker(registry(), actor(), call("renewVictimMarker"), body.tokens))
