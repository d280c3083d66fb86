"""Call the registry about disputes and their papers."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from client.paging import pages
from client.registry import FIRM_ANSWER, RegistryClient
from protocol.codes import DisputeAnswer, DisputeDecision
from protocol.encodings import b64url_encode
from protocol.messages.disputes import (
    MAX_PAGE,
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
from protocol.messages.tokens import SubjectTokens
from protocol.states import DisputeState

_PATH = "/v1/disputes"


def file(registry: RegistryClient, filing: DisputeFiling, *, key: str | None = None) -> Disputes:
    """Dispute a subject's records; one case a record."""
    return registry.post(_PATH, filing, Disputes, key=key, max_answer=FIRM_ANSWER)


def read(registry: RegistryClient, dispute_id: UUID) -> Dispute:
    """Read a case that this carrier filed or is the creditor of."""
    return registry.get(f"{_PATH}/{dispute_id}", Dispute)


def page(registry: RegistryClient, query: DisputesQuery) -> DisputePage:
    """Read one page of cases."""
    return registry.get(_PATH, DisputePage, query)


def every(registry: RegistryClient, state: DisputeState | None = None) -> Iterator[Dispute]:
    """Read all cases that concern the caller, oldest first; ``state`` narrows them."""
    for part in pages(
        registry, "cases", lambda after: page(registry, DisputesQuery(state=state, after=after, limit=MAX_PAGE))
    ):
        yield from part.disputes


def answer(registry: RegistryClient, dispute_id: UUID, said: DisputeAnswer) -> Dispute:
    """Answer a case as its creditor; the same answer again is the same answer."""
    key = f"dispute-{said}-{dispute_id}"
    return registry.post(f"{_PATH}/{dispute_id}/answer", DisputeAnswerBody(answer=said), Dispute, key=key)


def decide(registry: RegistryClient, dispute_id: UUID, decision: DisputeDecision) -> Dispute:
    """Decide a case as an adjudicator; the same decision again is the same decision."""
    key = f"dispute-{decision}-{dispute_id}"
    return registry.post(f"{_PATH}/{dispute_id}/decision", DisputeDecisionBody(decision=decision), Dispute, key=key)


def add_paper(registry: RegistryClient, dispute_id: UUID, paper: NewDisputeDocument) -> DisputeDocument:
    """Add a paper to a case; the same one again is the same paper."""
    key = f"document-{paper.side}-{dispute_id}-{b64url_encode(hashlib.sha256(paper.content).digest())}"
    return registry.post(f"{_PATH}/{dispute_id}/documents", paper, DisputeDocument, key=key)


def papers(registry: RegistryClient, dispute_id: UUID) -> DisputeDocuments:
    """List the papers of both sides, without their contents."""
    return registry.get(f"{_PATH}/{dispute_id}/documents", DisputeDocuments)


def open_paper(registry: RegistryClient, dispute_id: UUID, document_id: UUID) -> OpenedDocument:
    """Open a paper; the registry logs each reading."""
    return registry.get(f"{_PATH}/{dispute_id}/documents/{document_id}", OpenedDocument)


def renew_marker(registry: RegistryClient, tokens: SubjectTokens) -> VictimMarker:
    """Renew the marker of a victim who stands at the counter; only an adjudicator begins one."""
    return registry.post("/v1/victim-markers", VictimRenewal(tokens=tokens), VictimMarker)
