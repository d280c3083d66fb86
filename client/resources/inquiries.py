"""Call the registry about inquiries and the quotes that they end in."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from client.errors import RegistryAnswerBroken
from client.registry import RegistryClient
from protocol.messages.inquiries import (
    InquiryAnswer,
    InquiryAnswers,
    InquiryBatch,
    InquiryRequest,
    Quote,
    RecheckRequest,
)


def ask(registry: RegistryClient, request: InquiryRequest) -> InquiryAnswer:
    """Ask one inquiry."""
    return registry.post("/v1/inquiries", request, InquiryAnswer)


def recheck(registry: RegistryClient, inquiry_id: UUID, request: RecheckRequest) -> InquiryAnswer:
    """Ask whether anything has changed since a decision."""
    return registry.post(f"/v1/inquiries/{inquiry_id}/recheck", request, InquiryAnswer)


def ask_many(registry: RegistryClient, requests: Sequence[InquiryRequest]) -> tuple[InquiryAnswer, ...]:
    """Ask up to 1,000 inquiries; the answers are in their order."""
    answers = registry.post("/v1/inquiries/batch", InquiryBatch(inquiries=tuple(requests)), InquiryAnswers).answers
    if [answer.inquiry_ref for answer in answers] != [request.inquiry_ref for request in requests]:
        raise RegistryAnswerBroken("the registry's answers are not in the order of the inquiries")
    return answers


def read_quote(registry: RegistryClient, reference: str) -> Quote:
    """Read the quote under its unguessable reference: its creditors, amounts and payment details."""
    return registry.get(f"/v1/quotes/{quote(reference, safe='')}", Quote)
