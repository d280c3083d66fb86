"""Disputes, from their filing to their decision, with the papers of both sides, and victims of identity theft."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import DisputeAnswer, DisputeDecision, DisputeGround, DisputeOutcome, ServiceClass
from protocol.messages.limits import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS
from protocol.messages.steps import Versioned
from protocol.messages.tokens import SubjectTokens
from protocol.names import MAX_COUNT
from protocol.states import DisputeState, MediaType, RecordState, Side
from protocol.wire.fields import Fen, ParticipantId, RulesName, Sum
from protocol.wire.kinds import Blob, Items, Whole

MAX_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFiling:
    """The records that a subject disputes: their own open ones, all or those of a creditor and a service."""

    tokens: SubjectTokens
    ground: DisputeGround
    creditor: ParticipantId | None = None
    service_class: ServiceClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A case; neither a pseudonym nor the record's id is in it. A day that is due is included.

    The figures are those of the filing. ``stops_enforcement`` is false where the record goes on blocking meanwhile.
    """

    dispute_id: UUID
    state: DisputeState
    version: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    ground: DisputeGround
    creditor: ParticipantId
    service_class: ServiceClass
    principal_fen: Fen
    costs_fen: Fen
    paid_fen: Sum
    record_state: RecordState
    stops_enforcement: bool
    filed_by: ParticipantId
    filed_at: dt.datetime
    answer_due: dt.date
    close_due: dt.date
    lapse_due: dt.date
    answer: DisputeAnswer | None
    answered_at: dt.datetime | None
    outcome: DisputeOutcome | None
    closed_at: dt.datetime | None
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputes:
    """One case for each record that a filing was about."""

    disputes: Annotated[tuple[Dispute, ...], Items(least=1, most=MAX_COUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputesQuery:
    """The state of the cases (all by default), the case before the first, and their number."""

    state: DisputeState | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_PAGE)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputePage:
    """Cases, oldest first; ``next`` is the ``after`` of the next page, null on the last one."""

    disputes: Annotated[tuple[Dispute, ...], Items(least=0, most=MAX_PAGE)]
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAnswerBody(Versioned):
    """The creditor's answer; with ``expected_version`` only if the case has not changed since."""

    answer: DisputeAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDecisionBody(Versioned):
    """The adjudicator's decision; with ``expected_version`` only if the case has not changed since.

    STOP decides nothing yet: the record blocks nobody until the case is decided.
    """

    decision: DisputeDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisputeDocument:
    """A PDF, PNG or JPEG of at most 2 MiB, recognised by its first bytes; ``side`` is the one for which it is added."""

    side: Side
    content: Annotated[bytes, Blob(most=MAX_DOCUMENT_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDocument:
    """A document of a case without its content."""

    document_id: UUID
    dispute_id: UUID
    side: Side
    media_type: MediaType
    content_bytes: Annotated[int, Whole(least=1, most=MAX_DOCUMENT_BYTES)]
    added_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeDocuments:
    """The documents of a case, oldest first."""

    documents: Annotated[tuple[DisputeDocument, ...], Items(least=0, most=2 * MAX_DOCUMENTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDocument(DisputeDocument):
    """A document of a case with its content."""

    content: Annotated[bytes, Blob(most=MAX_DOCUMENT_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimRenewal:
    """The victim stands at the counter and asks that the marker goes on."""

    tokens: SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class VictimMarker:
    """The day from which the marker no longer holds."""

    until: dt.date
