"""Money that a counter takes for other carriers: the whole quote, the creditor's answer, and the month between two."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.blueprint import DoorBlueprint
from api.door import actor, call, reading, registry
from api.examples import collected as examples
from api.operations import CSV, OVERSEERS, Answer, Input, operation
from protocol.codes import Role
from protocol.messages.collected import (
    Collection,
    CollectionAnswerBody,
    CollectionOrder,
    CollectionReceipt,
    NetStatement,
    NetStatementQuery,
    SignedCollection,
)
from protocol.states import Form
from registry.usecases.collected.answer import answer_collected
from registry.usecases.collected.collect import collect
from registry.usecases.collected.read import read_collected, read_net_lines, read_net_statement

BLUEPRINT: Final = DoorBlueprint(
    "collections", __name__, description="Paid at one carrier's counter, owed to others. No money moves through here."
)


@operation(
    BLUEPRINT,
    "POST",
    "/v1/collections",
    operation_id="createCollection",
    roles=(Role.INQUIRER,),
    reads=Input(message=CollectionOrder, example=examples.COLLECTION_ORDER, finds=True),
    answer=Answer(
        message=CollectionReceipt, status=201, description="What it did.", example=examples.COLLECTION_RECEIPT
    ),
    one_transaction=True,
)
def post_collection(*, body: CollectionOrder) -> Response:
    """The applicant paid the whole quote at the sender's counter: nothing of it blocks any more."""
    return outcome(collect(registry(), actor(), call("createCollection"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/collections/<id:collection_id>",
    operation_id="readCollection",
    overseen=True,
    roles=(Role.INQUIRER, Role.REPORTER, *OVERSEERS),
    answer=Answer(message=SignedCollection, description="The collection.", example=examples.COLLECTION),
)
def get_collection(*, collection_id: uuid.UUID) -> Response:
    """A collection, for the carrier that took the money and the one it was taken for; offices read any."""
    return document(read_collected(registry(), actor(), collection_id, reading=reading()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/collections/<id:collection_id>/answer",
    operation_id="answerCollection",
    roles=(Role.REPORTER,),
    reads=Input(message=CollectionAnswerBody, example=examples.COLLECTION_ANSWER),
    answer=Answer(message=Collection, description="The collection, answered.", example=examples.ANSWERED_COLLECTION),
)
def post_answer(*, collection_id: uuid.UUID, body: CollectionAnswerBody) -> Response:
    """The creditor confirms or refuses; the record stays cleared either way. After the last day silence is consent."""
    return outcome(
        answer_collected(registry(), actor(), call("answerCollection"), collection_id=collection_id, body=body)
    )


@operation(
    BLUEPRINT,
    "GET",
    "/v1/net-statements/<month:month>/<participant:other>",
    operation_id="readNetStatement",
    overseen=True,
    roles=(Role.INQUIRER, Role.REPORTER, *OVERSEERS),
    query=NetStatementQuery,
    answer=Answer(
        message=NetStatement,
        description="Sums of the month and a page of its lines; as CSV, the lines alone.",
        example=examples.NET_STATEMENT,
        others={CSV: examples.NET_LINES},
    ),
)
def get_net_statement(*, month: int, other: str, query: NetStatementQuery) -> Response:
    """Give a Beijing month of payments between the asker and another carrier; both, and offices, get the same."""
    if query.format is Form.CSV:
        return Response(read_net_lines(registry(), actor(), month, other, query, reading=reading()), content_type=CSV)
    return document(read_net_statement(registry(), actor(), month, other, query, reading=reading()))
