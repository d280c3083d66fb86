"""File a dispute for a subject at the counter, so that only a token leaves; add papers to a case."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from client.registry import RegistryClient
from client.resources import disputes
from gateway.errors import ApplicationInvalid
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.codes import DisputeGround, ServiceClass
from protocol.messages.disputes import DisputeDocument, DisputeFiling, Disputes, NewDisputeDocument, VictimMarker
from protocol.messages.limits import MAX_DOCUMENT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A dispute as the counter takes it: a filing with the subject's document in place of a token."""

    identity: RawIdentity
    ground: DisputeGround
    creditor: str | None = None
    service_class: ServiceClass | None = None


def file(tools: Tools, complaint: Complaint, *, today: dt.date, idempotency_key: str | None = None) -> Disputes:
    """File a dispute; raises ``ApplicationInvalid`` for an invalid document."""
    _, inputs = identify(complaint.identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    filing = DisputeFiling(
        tokens=tokens,
        ground=complaint.ground,
        creditor=complaint.creditor,
        service_class=complaint.service_class,
    )
    return disputes.file(tools.registry, filing, key=idempotency_key)


def renew_marker(tools: Tools, identity: RawIdentity, *, today: dt.date) -> VictimMarker:
    """Renew the marker of a victim at the counter; raises ``ApplicationInvalid`` for an invalid document."""
    _, inputs = identify(identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    return disputes.renew_marker(tools.registry, tokens)


def add_paper(registry: RegistryClient, dispute_id: UUID, paper: NewDisputeDocument) -> DisputeDocument:
    """Add a paper to a case; raises ``ApplicationInvalid`` for one that is empty or too large."""
    if not 0 < len(paper.content) <= MAX_DOCUMENT_BYTES:
        raise ApplicationInvalid("content", "OUT_OF_RANGE")
    return disputes.add_paper(registry, dispute_id, paper)
