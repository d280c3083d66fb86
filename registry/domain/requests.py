"""What the registry keeps so that nobody can deny: signed requests, log entries, stored answers, batch chunks."""

import datetime as dt
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequestEvidence:
    """The signature base and signature of one accepted request (RFC 9421 section 2.5)."""

    request_id: uuid.UUID
    participant_id: str
    key_id: str
    signature_base: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of the access log with what opens it.

    ``subject_key`` is sixteen zero bytes where the entry concerns no subject, or one that is forgotten. ``core`` and
    ``personal`` are canonical JSON; the salts are 32 bytes each. ``request_id`` names the signed request behind it, and
    ``erased_by`` the entry that tells of the erasure of the personal part.
    """

    subject_key: bytes = field(repr=False)
    entry_id: uuid.UUID
    kind: str
    at: dt.datetime
    participant_id: str
    request_id: uuid.UUID | None
    core: bytes = field(repr=False)
    core_salt: bytes = field(repr=False)
    personal: bytes | None = field(repr=False)
    personal_salt: bytes | None = field(repr=False)
    erased_by: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The answer given under an idempotency key; ``request_digest`` is the SHA-256 of the body."""

    participant_id: str
    idempotency_key: str
    operation: str
    request_digest: bytes
    status: int
    body: bytes = field(repr=False)
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChunk:
    """A committed piece of a streamed batch: the digest of its rows and the verdicts that were given (NDJSON)."""

    participant_id: str
    batch_key: str
    chunk_number: int
    rows: int
    rows_digest: bytes
    verdicts: bytes = field(repr=False)
    completed_at: dt.datetime
