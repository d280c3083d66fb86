"""Participants are carriers and other bodies, with roles and signing keys."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from protocol.codes import Role
from registry.domain.requests import Arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A body that may sign requests; ``participant_id`` is a short lower-case name such as ``carrier-a``."""

    participant_id: str
    name: str
    roles: frozenset[Role]
    contact: str | None
    """The quote shows this way to pay or dispute."""
    created_at: dt.datetime
    left_at: dt.datetime | None = None
    """A member that left can sign no new request; its earlier signatures stay valid."""
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantKey:
    """An Ed25519 public key (32 bytes) of a participant; a revoked key verifies no request."""

    key_id: str
    participant_id: str
    public_key: bytes
    added_at: dt.datetime
    revoked_at: dt.datetime | None
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A key that was good when it was read, with its holder, ready to verify."""

    participant: Participant
    public_key: Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The authenticated sender of one request, and the digest of its signature."""

    participant_id: str
    key_id: str
    roles: frozenset[Role]
    request_id: uuid.UUID
    request_digest: bytes = field(repr=False)
    """SHA-256 over the length-prefixed signature base and signature: the sender cannot deny the request."""
    arrival: Arrival | None = field(default=None, repr=False)
    """The request itself, where the transaction of its work lets it in; None where that was done before."""
