"""Payments that came undone."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from protocol.codes import ReversalReason
from protocol.wire.fields import KeyId, Octets32, RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalProposal:
    """The reason of a reversal, and the SHA-256 of the document that shows it, which stays at the creditor."""

    reason: ReversalReason
    evidence_digest: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """A reversal with the two keys that stand for it; ``record_id`` is told to the creditor and to an office."""

    reversal_id: UUID
    settlement_id: UUID
    record_id: UUID | None
    reason: ReversalReason
    evidence_digest: Octets32 = field(repr=False)
    proposed_at: dt.datetime
    proposed_key_id: KeyId
    confirmed_at: dt.datetime | None
    confirmed_key_id: KeyId | None
    rules_version: RulesName
