"""Defines the signed requests that the registry stores, so that their senders cannot deny them."""

import datetime as dt
import uuid
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRequest:
    """The signature base and signature of one accepted request (RFC 9421 section 2.5)."""

    request_id: uuid.UUID
    participant_id: str
    key_id: str
    signature_base: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    received_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A verified request that is not let in yet: its nonce may have been used before."""

    nonce: str = field(repr=False)
    kept: KeptRequest
