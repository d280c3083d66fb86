"""Demands for evidence and the documents that answer them."""

from typing import Final

from api.schemas.fields import (
    Blob,
    Code,
    Day,
    Identifier,
    Items,
    Moment,
    Octets,
    Part,
    StrictSchema,
    Whole,
    WholeInQuery,
)
from api.schemas.names import participant_id, rules_name
from protocol.codes import EvidenceDocument
from protocol.messages.evidence import DIGEST_BYTES, MAX_BILLS, SALT_BYTES
from registry.domain.disputes import MAX_DOCUMENT_BYTES, MediaType
from registry.domain.evidence import MAX_ANSWERS, DemandState

MAX_PAGE: Final = 500


class NewDemandSchema(StrictSchema):
    """Which document; ``bill`` is the bill's place in the manifest, from 1."""

    document = Code(EvidenceDocument, required=True)
    bill = Whole(least=1, most=MAX_BILLS)


class DemandSchema(StrictSchema):
    """A demand; OVERDUE once its day is over and no document has met it."""

    demand_id = Identifier(required=True)
    record_id = Identifier(required=True)
    creditor = participant_id(required=True)
    demanded_by = participant_id(required=True)
    document = Code(EvidenceDocument, required=True)
    bill = Whole(least=1, most=MAX_BILLS, required=True, allow_none=True)
    digest = Octets(length=DIGEST_BYTES, required=True)
    state = Code(DemandState, required=True)
    answers = Whole(least=0, most=MAX_ANSWERS, required=True)
    demanded_at = Moment(required=True)
    answer_due = Day(required=True)
    rules_version = rules_name(required=True)


class DemandsQuerySchema(StrictSchema):
    """Where a page begins (after this id) and how long it is."""

    after = Identifier()
    limit = WholeInQuery(least=1, most=MAX_PAGE, load_default=100)


class DemandsSchema(StrictSchema):
    """A page of demands that no document has met; ``next`` is what to pass as ``after``, null on the last page."""

    demands = Items(Part(DemandSchema), least=0, most=MAX_PAGE, required=True)
    next = Identifier(required=True, allow_none=True)


class EvidenceAnswerSchema(StrictSchema):
    """The document (PDF, PNG or JPEG) and the salt of its digest."""

    salt = Octets(length=SALT_BYTES, required=True)
    content = Blob(most=MAX_DOCUMENT_BYTES, required=True)


class ShownDocumentSchema(StrictSchema):
    """The document that met a demand."""

    demand_id = Identifier(required=True)
    media_type = Code(MediaType, required=True)
    content_bytes = Whole(least=1, most=MAX_DOCUMENT_BYTES, required=True)
    content = Blob(most=MAX_DOCUMENT_BYTES, required=True)
