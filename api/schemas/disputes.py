"""Disputes: filings, cases, answers, decisions, documents, and the marker of a victim."""

from typing import Final

from api.schemas.fields import (
    Blob,
    Code,
    Day,
    Identifier,
    Items,
    Moment,
    Part,
    StrictSchema,
    Whole,
    WholeInQuery,
    YesNo,
)
from api.schemas.names import MAX_COUNT, participant_id, rules_name
from api.schemas.steps import VersionedSchema
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import DisputeAnswer, DisputeDecision, DisputeGround, DisputeOutcome, ServiceClass
from protocol.encodings import MAX_FEN, MAX_JSON_INTEGER
from registry.domain.disputes import MAX_DOCUMENT_BYTES, MAX_DOCUMENTS, DisputeState, MediaType, Side
from registry.domain.life import RecordState

MAX_PAGE: Final = 200


class DisputeFilingSchema(StrictSchema):
    """What a subject disputes at a counter: their own open records, all or those of a creditor and a service."""

    tokens = Part(SubjectTokensSchema, required=True)
    ground = Code(DisputeGround, required=True)
    creditor = participant_id()
    service_class = Code(ServiceClass)


class DisputeSchema(StrictSchema):
    """A case; neither a pseudonym nor the record's id is in it. A day that is due is included.

    The figures are those of the filing. ``stops_enforcement`` is false where the record goes on blocking meanwhile.
    """

    dispute_id = Identifier(required=True)
    state = Code(DisputeState, required=True)
    version = Whole(least=1, most=MAX_COUNT, required=True)
    ground = Code(DisputeGround, required=True)
    creditor = participant_id(required=True)
    service_class = Code(ServiceClass, required=True)
    principal_fen = Whole(least=0, most=MAX_FEN, required=True)
    costs_fen = Whole(least=0, most=MAX_FEN, required=True)
    paid_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    record_state = Code(RecordState, required=True)
    stops_enforcement = YesNo(required=True)
    filed_by = participant_id(required=True)
    filed_at = Moment(required=True)
    answer_due = Day(required=True)
    close_due = Day(required=True)
    lapse_due = Day(required=True)
    answer = Code(DisputeAnswer, required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    outcome = Code(DisputeOutcome, required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    rules_version = rules_name(required=True)


class DisputesSchema(StrictSchema):
    """One case for each record that a filing was about."""

    disputes = Items(Part(DisputeSchema), least=1, most=MAX_COUNT, required=True)


class DisputesQuerySchema(StrictSchema):
    """Which cases (all states by default), behind which one and how many."""

    state = Code(DisputeState)
    after = Identifier()
    limit = WholeInQuery(least=1, most=MAX_PAGE, load_default=100)


class DisputePageSchema(StrictSchema):
    """Cases, oldest first; ``next`` is what to pass as ``after``, null on the last page."""

    disputes = Items(Part(DisputeSchema), least=0, most=MAX_PAGE, required=True)
    next = Identifier(required=True, allow_none=True)


class DisputeAnswerSchema(VersionedSchema):
    """The creditor's answer; with ``expected_version`` only if the case has not changed since."""

    answer = Code(DisputeAnswer, required=True)


class DisputeDecisionSchema(VersionedSchema):
    """The adjudicator's decision; with ``expected_version`` only if the case has not changed since.

    STOP decides nothing yet: the record blocks nobody until the case is decided.
    """

    decision = Code(DisputeDecision, required=True)


class NewDisputeDocumentSchema(StrictSchema):
    """A PDF, PNG or JPEG of at most 2 MiB, told by its first bytes; ``side`` says for whom it is added."""

    side = Code(Side, required=True)
    content = Blob(most=MAX_DOCUMENT_BYTES, required=True)


class DisputeDocumentSchema(StrictSchema):
    """A document of a case without its content."""

    document_id = Identifier(required=True)
    dispute_id = Identifier(required=True)
    side = Code(Side, required=True)
    media_type = Code(MediaType, required=True)
    content_bytes = Whole(least=1, most=MAX_DOCUMENT_BYTES, required=True)
    added_at = Moment(required=True)


class DisputeDocumentsSchema(StrictSchema):
    """The documents of a case, oldest first."""

    documents = Items(Part(DisputeDocumentSchema), least=0, most=2 * MAX_DOCUMENTS, required=True)


class OpenedDocumentSchema(DisputeDocumentSchema):
    """A document of a case with its content."""

    content = Blob(most=MAX_DOCUMENT_BYTES, required=True)


class VictimRenewalSchema(StrictSchema):
    """The victim stands at the counter and asks that the marker goes on."""

    tokens = Part(SubjectTokensSchema, required=True)


class VictimMarkerSchema(StrictSchema):
    """The day from which the marker no longer holds."""

    until = Day(required=True)
