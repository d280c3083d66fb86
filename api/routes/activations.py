"""Reports of activations, one at a time or as a stream."""

from typing import Final

from flask import Response, request

from api.answers import document, outcome, padded
from api.blueprint import DoorBlueprint
from api.door import IDEMPOTENCY_HEADER, actor, call, registry
from api.examples import activations as examples
from api.operations import NDJSON, Answer, Input, operation
from api.rows import parse_activation
from api.streaming import Batches, answer_batch
from protocol.codes import Role
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.messages.records import BatchProgress, BatchQuery
from registry.usecases.activations.batch import activation_batch_progress, report_activation_chunk
from registry.usecases.activations.report import report_activation

BLUEPRINT: Final = DoorBlueprint("activations", __name__, description="Tell what followed from a decision.")
_BATCHES: Final = Batches(parse=parse_activation, judge=report_activation_chunk, progress=activation_batch_progress)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/activations",
    operation_id="reportActivation",
    roles=(Role.INQUIRER,),
    reads=Input(message=ActivationReport, example=examples.REPORT, finds=True),
    answer=Answer(
        message=ActivationAnswer,
        status=201,
        also={200: "The same was reported before; this is what was answered."},
        description="The report is in the log.",
        example=examples.ANSWER,
    ),
    one_transaction=True,
)
def create_activation(*, body: ActivationReport) -> Response:
    """Report what followed from a decision, or that there was none."""
    return padded(outcome(report_activation(registry(), actor(), call("reportActivation"), body)))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/activation-batches",
    operation_id="reportActivationBatch",
    roles=(Role.INQUIRER,),
    reads=Input(message=ActivationReport, example=examples.ROWS, rows=(ActivationReport,)),
    query=BatchQuery,
    answer=Answer(
        message={"type": "string", "description": "One JSON object a line: ActivationLine."},
        description="A verdict a row, in order, then a closing line; see docs/spec/record-batches.md.",
        example=examples.VERDICT_ROWS,
        content_type=NDJSON,
    ),
    batch=True,
)
def create_activation_batch(*, query: BatchQuery) -> Response:
    """Report any number of activations; the Idempotency-Key names the batch."""
    key, encoding = request.headers[IDEMPOTENCY_HEADER], request.headers.get("Content-Encoding")
    return answer_batch(_BATCHES, key, encoding, query.first_chunk)


@operation(
    BLUEPRINT,
    "GET",
    "/v1/activation-batches/<batch:batch_key>",
    operation_id="readActivationBatch",
    roles=(Role.INQUIRER,),
    answer=Answer(message=BatchProgress, description="What is committed.", example=examples.PROGRESS),
)
def get_activation_batch(*, batch_key: str) -> Response:
    """Read the progress of a batch."""
    return document(activation_batch_progress(registry(), actor(), batch_key))
