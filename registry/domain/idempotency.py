"""Defines the answer that is stored under an idempotency key."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswer:
    """The first answer under an idempotency key; ``request_digest`` is the SHA-256 of the body."""

    participant_id: str
    idempotency_key: str
    operation: str
    request_digest: bytes
    status: int
    body: bytes = field(repr=False)
    created_at: dt.datetime
