"""A committee of custodians holds one sharing of an epoch's key; the registry keeps each with what proves it."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from protocol.messages.ceremonies import CeremonyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCommittee:
    """One committee that a ceremony formed; digests, keys and the canary are 32 bytes each.

    ``document`` and ``transcript`` are the canonical JSON of the committee and of the whole ceremony.
    """

    epoch: int
    committee: int
    ceremony: bytes
    kind: CeremonyKind
    threshold: int
    joint_public_key: bytes
    document: str = field(repr=False)
    committee_digest: bytes
    canary: bytes
    transcript: str = field(repr=False)
    transcript_digest: bytes
    keep_days: int
    formed_at: dt.datetime
    """The moment at which the registry logged it."""
    log_entry_id: uuid.UUID
