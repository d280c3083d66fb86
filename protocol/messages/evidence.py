"""A creditor's evidence: the manifest that a report promises, demands for a document, and the document shown.

A bill is predictable (a price list and a month give most of it), so a plain digest could be guessed; the salt stays
with the carrier beside the document until somebody who may asks for both.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import EvidenceDocument
from protocol.encodings import canonical_json
from protocol.messages.limits import MAX_BILLS, MAX_DOCUMENT_BYTES
from protocol.states import DemandState, MediaType
from protocol.wire.codec import write
from protocol.wire.fields import Octets32, ParticipantId, RulesName
from protocol.wire.kinds import Blob, Items, Whole

DOCUMENT_TAG: Final = b"clearline/evidence/v1\n"
MANIFEST_TAG: Final = b"clearline/evidence-manifest/v1\n"
SALT_BYTES: Final = 32
DIGEST_BYTES: Final = 32


def document_digest(salt: bytes, document: bytes) -> bytes:
    """Compute the SHA-256 over tag, salt and the document's bytes; raises ValueError unless the salt has 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(DOCUMENT_TAG + salt + document).digest()


MAX_ANSWERS: Final = 5
"""Most answers to one demand."""
MAX_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceManifest:
    """Salted digests of the documents that the creditor keeps, see docs/spec/evidence.md."""

    contract_date: dt.date
    notice_at: dt.datetime
    bills: Annotated[tuple[Octets32, ...], Items(least=1, most=MAX_BILLS)] = field(repr=False)
    notice: Octets32 = field(repr=False)
    contract: Octets32 = field(repr=False)

    @property
    def digest(self) -> bytes:
        """The manifest's digest in the record and the access log: SHA-256 over tag and canonical JSON."""
        return hashlib.sha256(MANIFEST_TAG + canonical_json(write(self))).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDemand:
    """A demand for one document; ``bill`` is the bill's place in the manifest, from 1."""

    document: EvidenceDocument
    bill: Annotated[int, Whole(least=1, most=MAX_BILLS)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A demand; OVERDUE once its day is over and no document has met it."""

    demand_id: UUID
    record_id: UUID
    creditor: ParticipantId
    demanded_by: ParticipantId
    document: EvidenceDocument
    bill: Annotated[int, Whole(least=1, most=MAX_BILLS)] | None
    digest: Octets32 = field(repr=False)
    state: DemandState
    answers: Annotated[int, Whole(least=0, most=MAX_ANSWERS)]
    demanded_at: dt.datetime
    answer_due: dt.date
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandsQuery:
    """The id after which a page begins, and the page's length."""

    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_PAGE)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """A page of demands that no document has met; ``next`` is the ``after`` of the next page, null on the last one."""

    demands: Annotated[tuple[Demand, ...], Items(least=0, most=MAX_PAGE)]
    next: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAnswer:
    """The document (PDF, PNG or JPEG) and the salt of its digest."""

    salt: Octets32 = field(repr=False)
    content: Annotated[bytes, Blob(most=MAX_DOCUMENT_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """The document that met a demand."""

    demand_id: UUID
    media_type: MediaType
    content_bytes: Annotated[int, Whole(least=1, most=MAX_DOCUMENT_BYTES)]
    content: Annotated[bytes, Blob(most=MAX_DOCUMENT_BYTES)] = field(repr=False)
