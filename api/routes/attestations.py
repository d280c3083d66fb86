"""Attestations of good standing, the consents that they rest on, and subjects' demands for them."""

import uuid
from typing import Final

from flask import Response, request

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import IDEMPOTENCY_HEADER, actor, call, registry
from api.examples import attestations as examples
from api.operations import NDJSON, STEP, Answer, Input, operation
from api.rows import parse_attestation
from api.streaming import Batches, answer_batch
from protocol.codes import Role
from protocol.messages.attestations import (
    AttestationDemand,
    AttestationDemandReply,
    AttestationRow,
    ConsentWithdrawal,
    DemandCounts,
    EndedAttestation,
    NewAttestationDemand,
    WithdrawnConsents,
)
from protocol.messages.records import BatchProgress, BatchQuery
from protocol.messages.steps import Step
from registry.usecases.attestations.batch import attest_chunk, attestation_batch_progress
from registry.usecases.attestations.demands import answer_demand, count_demands, demand_attestation
from registry.usecases.attestations.withdraw import withdraw_attestation, withdraw_consent

BLUEPRINT: Final = DoorBlueprint(
    "attestations", __name__, description="Tell who pays in time, with the consent of whom it is about."
)
_BATCHES: Final = Batches(parse=parse_attestation, judge=attest_chunk, progress=attestation_batch_progress)
_COUNTERS: Final = (Role.INQUIRER, Role.REPORTER)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/attestation-batches",
    operation_id="attestBatch",
    roles=(Role.REPORTER,),
    reads=Input(message=AttestationRow, example=examples.ROWS, rows=(AttestationRow,)),
    query=BatchQuery,
    answer=Answer(
        message={"type": "string", "description": "One JSON object a line: AttestationLine."},
        description="A verdict a row, in order, then a closing line; see docs/spec/record-batches.md.",
        example=examples.VERDICT_ROWS,
        content_type=NDJSON,
    ),
    batch=True,
)
def create_attestation_batch(*, query: BatchQuery) -> Response:
    """Attest how subjects pay, who consented to it; the Idempotency-Key names the batch."""
    key, encoding = request.headers[IDEMPOTENCY_HEADER], request.headers.get("Content-Encoding")
    return answer_batch(_BATCHES, key, encoding, query.first_chunk)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/attestation-batches/<batch:batch_key>",
    operation_id="readAttestationBatch",
    roles=(Role.REPORTER,),
    answer=Answer(message=BatchProgress, description="What is committed.", example=examples.PROGRESS),
)
def get_attestation_batch(*, batch_key: str) -> Response:
    """Read the progress of a batch."""
    return document(attestation_batch_progress(registry(), actor(), batch_key))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/attestations/<id:attestation_id>/withdrawal",
    operation_id="withdrawAttestation",
    roles=(Role.REPORTER,),
    reads=STEP,
    answer=Answer(message=EndedAttestation, description="Its end.", example=examples.ENDED),
)
def post_withdrawal(*, attestation_id: uuid.UUID, body: Step) -> Response:
    """Take an attestation back as its attester; what was told in it is erased."""
    del body
    return outcome(withdraw_attestation(registry(), actor(), call("withdrawAttestation"), attestation_id))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/consents/withdraw",
    operation_id="withdrawConsent",
    roles=_COUNTERS,
    reads=Input(message=ConsentWithdrawal, example=examples.WITHDRAWAL),
    answer=Answer(message=WithdrawnConsents, description="What ended.", example=examples.WITHDRAWN),
)
def post_consent_withdrawal(*, body: ConsentWithdrawal) -> Response:
    """End a subject's consent, or all of them, at any counter; what was attested under it is erased at once."""
    return outcome(withdraw_consent(registry(), actor(), call("withdrawConsent"), body))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/attestation-demands",
    operation_id="demandAttestation",
    roles=_COUNTERS,
    reads=Input(message=NewAttestationDemand, example=examples.NEW_DEMAND),
    answer=Answer(
        message=AttestationDemand,
        status=201,
        also={200: "The subject demanded it before, and the carrier has not answered."},
        description="The demand; its subject names it to the carrier.",
        example=examples.DEMAND,
    ),
)
def post_demand(*, body: NewAttestationDemand) -> Response:
    """Demand, for the subject at the counter, that its carrier attest how it pays."""
    return outcome(demand_attestation(registry(), actor(), call("demandAttestation"), body))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/attestation-demands/<id:demand_id>/answer",
    operation_id="answerAttestationDemand",
    roles=(Role.REPORTER,),
    reads=Input(message=AttestationDemandReply, example=examples.REPLY),
    answer=Answer(
        message=AttestationDemand,
        description="The demand with its answer.",
        example=examples.REFUSED,
    ),
)
def post_answer(*, demand_id: uuid.UUID, body: AttestationDemandReply) -> Response:
    """Say, as the carrier, why there is no attestation; an attestation answers a demand by itself."""
    answering = call("answerAttestationDemand")
    return outcome(answer_demand(registry(), actor(), answering, demand_id=demand_id, reply=body.reply))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/attestation-demands",
    operation_id="countAttestationDemands",
    roles=(Role.REPORTER,),
    answer=Answer(message=DemandCounts, description="The counts.", example=examples.COUNTS),
)
def get_demands() -> Response:
    """Count the carrier's own demands of the last year."""
    return document(count_demands(registry(), actor()))
