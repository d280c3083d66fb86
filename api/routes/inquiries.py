"""Inquiries and the quotes that some of them end in."""

from typing import Final
from uuid import UUID

from flask import Response

from api.answers import document, outcome, padded
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import inquiries as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.inquiries import (
    InquiryAnswer,
    InquiryAnswers,
    InquiryBatch,
    InquiryRequest,
    Quote,
    RecheckRequest,
)
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from registry.usecases.inquiries.read import read_quote
from registry.usecases.inquiries.recheck import recheck

BLUEPRINT: Final = DoorBlueprint("inquiries", __name__, description="Ask before an activation.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/inquiries",
    operation_id="createInquiry",
    roles=(Role.INQUIRER,),
    reads=Input(message=InquiryRequest, example=examples.INQUIRY),
    answer=Answer(message=InquiryAnswer, status=201, description="The decision.", example=examples.INQUIRY_ANSWER),
    one_transaction=True,
)
def create_inquiry(*, body: InquiryRequest) -> Response:
    """Ask whether an applicant may have a service now."""
    return padded(outcome(inquire(registry(), actor(), call("createInquiry"), body)))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/inquiries/batch",
    operation_id="createInquiryBatch",
    roles=(Role.INQUIRER,),
    reads=Input(message=InquiryBatch, example=examples.INQUIRY_BATCH),
    answer=Answer(
        message=InquiryAnswers,
        status=201,
        description="The decisions, in the order of the inquiries.",
        example=examples.INQUIRY_ANSWERS,
    ),
    batch=True,
)
def create_inquiry_batch(*, body: InquiryBatch) -> Response:
    """Up to 1,000 inquiries at once."""
    return outcome(inquire_batch(registry(), actor(), call("createInquiryBatch"), body.inquiries))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/inquiries/<id:inquiry_id>/recheck",
    operation_id="recheckInquiry",
    roles=(Role.INQUIRER,),
    reads=Input(message=RecheckRequest, example=examples.RECHECK),
    answer=Answer(message=InquiryAnswer, status=201, description="The decision now.", example=examples.RECHECK_ANSWER),
    one_transaction=True,
)
def recheck_inquiry(*, inquiry_id: UUID, body: RecheckRequest) -> Response:
    """Ask whether anything has changed since a decision, under the same inquiry."""
    return padded(outcome(recheck(registry(), actor(), call("recheckInquiry"), inquiry_id, body)))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/quotes/<reference:reference>",
    operation_id="readQuote",
    roles=(Role.INQUIRER,),
    answer=Answer(message=Quote, description="The quote.", example=examples.QUOTE),
)
def get_quote(*, reference: str) -> Response:
    """Whom to pay, how much, and how: for the holder of the reference."""
    return document(read_quote(registry(), actor(), reference))
