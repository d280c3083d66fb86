"""Evidence behind a record: demanded by a neutral body, shown by the creditor."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import evidence as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.evidence import Demand, Demands, DemandsQuery, EvidenceAnswer, NewDemand, ShownDocument
from registry.usecases.evidence.demand import demand_evidence
from registry.usecases.evidence.read import list_demands, read_demand, read_shown_document
from registry.usecases.evidence.show import show_evidence

BLUEPRINT: Final = DoorBlueprint("evidence", __name__, description="The documents behind a record.")
_NEUTRAL: Final = (Role.AUDITOR, Role.ADJUDICATOR, Role.REGULATOR)
_DEMAND: Final = "/v1/evidence-demands/<id:demand_id>"


@operation(
    BLUEPRINT,
    "POST",
    "/v1/records/<id:record_id>/evidence-demands",
    operation_id="demandEvidence",
    roles=_NEUTRAL,
    reads=Input(message=NewDemand, example=examples.NEW_DEMAND),
    answer=Answer(message=Demand, status=201, description="The demand.", example=examples.DEMAND),
)
def post_demand(*, record_id: uuid.UUID, body: NewDemand) -> Response:
    """Ask a creditor for one document of the evidence that it said it has."""
    return outcome(demand_evidence(registry(), actor(), call("demandEvidence"), record_id=record_id, new=body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/evidence-demands",
    operation_id="listEvidenceDemands",
    overseen=True,
    roles=(*_NEUTRAL, Role.REPORTER),
    query=DemandsQuery,
    answer=Answer(message=Demands, description="A page.", example=examples.DEMANDS),
)
def get_demands(*, query: DemandsQuery) -> Response:
    """The demands that no document has met, open and overdue ones, oldest first; a creditor is shown its own."""
    return document(list_demands(registry(), actor(), query, reading=reading()))


@operation(
    BLUEPRINT,
    "GET",
    _DEMAND,
    operation_id="readEvidenceDemand",
    overseen=True,
    roles=(*_NEUTRAL, Role.REPORTER),
    answer=Answer(message=Demand, description="The demand.", example=examples.DEMAND),
)
def get_demand(*, demand_id: uuid.UUID) -> Response:
    """A demand, for its creditor and the neutral bodies."""
    return document(read_demand(registry(), actor(), demand_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    f"{_DEMAND}/document",
    operation_id="showEvidence",
    roles=(Role.REPORTER,),
    reads=Input(message=EvidenceAnswer, example=examples.EVIDENCE_ANSWER, large=True),
    answer=Answer(message=Demand, status=201, description="The demand, answered.", example=examples.DEMAND),
)
def post_document(*, demand_id: uuid.UUID, body: EvidenceAnswer) -> Response:
    """Show the document: the registry says whether it is the one that was promised."""
    return outcome(show_evidence(registry(), actor(), call("showEvidence"), demand_id=demand_id, body=body))


@operation(
    BLUEPRINT,
    "GET",
    f"{_DEMAND}/document",
    operation_id="readEvidenceDocument",
    overseen=True,
    roles=_NEUTRAL,
    answer=Answer(message=ShownDocument, description="The document.", example=examples.SHOWN_DOCUMENT),
)
def get_document(*, demand_id: uuid.UUID) -> Response:
    """The document that met a demand; each reading is logged."""
    return document(read_shown_document(registry(), actor(), demand_id, reading=reading()))
