"""Inquiries and the quotes that some of them end in."""

from typing import Any, Final

from flask import Response

from api.answers import document, outcome, padded
from api.blueprint import DoorBlueprint
from api.converters import inquiry_request
from api.door import actor, call, registry
from api.examples import inquiries as examples
from api.operations import Answer, Input, operation
from api.schemas.inquiries import (
    InquiryAnswerSchema,
    InquiryAnswersSchema,
    InquiryBatchSchema,
    InquiryRequestSchema,
    QuoteSchema,
)
from protocol.codes import Role
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from registry.usecases.inquiries.read import read_quote

BLUEPRINT: Final = DoorBlueprint("inquiries", __name__, description="Ask before an activation.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/inquiries",
    operation_id="createInquiry",
    roles=(Role.INQUIRER,),
    reads=Input(schema=InquiryRequestSchema(), example=examples.INQUIRY),
    answer=Answer(
        schema=InquiryAnswerSchema(), status=201, description="The decision.", example=examples.INQUIRY_ANSWER
    ),
)
def create_inquiry(*, body: dict[str, Any]) -> Response:
    """Ask whether an applicant may have a service now."""
    return padded(outcome(inquire(registry(), actor(), call("createInquiry"), inquiry_request(body))))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/inquiries/batch",
    operation_id="createInquiryBatch",
    roles=(Role.INQUIRER,),
    reads=Input(schema=InquiryBatchSchema(), example=examples.INQUIRY_BATCH),
    answer=Answer(
        schema=InquiryAnswersSchema(),
        status=201,
        description="The decisions, in the order of the inquiries.",
        example=examples.INQUIRY_ANSWERS,
    ),
    batch=True,
)
def create_inquiry_batch(*, body: dict[str, Any]) -> Response:
    """Up to 1,000 inquiries at once."""
    requests = [inquiry_request(each) for each in body["inquiries"]]
    return outcome(inquire_batch(registry(), actor(), call("createInquiryBatch"), requests))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/quotes/<reference:reference>",
    operation_id="readQuote",
    roles=(Role.INQUIRER,),
    answer=Answer(schema=QuoteSchema(), description="The quote.", example=examples.QUOTE),
)
def get_quote(*, reference: str) -> Response:
    """Whom to pay, how much, and how: for the holder of the reference."""
    return document(read_quote(registry(), actor(), reference))
