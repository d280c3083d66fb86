"""A returned payment is reversed: one person of the creditor proposes that with evidence, another confirms it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from protocol.codes import ReversalReason, SettlementKind
from registry.domain.records import Record
from registry.domain.settlements import Clearance, Settlement


class Irreversible(StrEnum):
    """The reason for which a settlement cannot be reversed."""

    WAIVED = "WAIVED"
    TOO_LATE = "TOO_LATE"


class NotReversible(Exception):
    """The settlement cannot be reversed; ``why`` is the reason."""

    def __init__(self, why: Irreversible) -> None:
        super().__init__(why.value)
        self.why = why


class SamePerson(Exception):
    """The proposer of a reversal may not confirm it."""


class ConfirmedAlready(Exception):
    """The reversal took place before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """One reversal of one settlement. Nothing changes before ``confirmed_at``."""

    subject_key: bytes = field(repr=False)
    reversal_id: uuid.UUID
    settlement_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    reason: ReversalReason
    evidence_digest: bytes
    """SHA-256 of the proof that the money went back; the creditor keeps the paper."""
    proposed_at: dt.datetime
    proposed_key_id: str
    confirmed_at: dt.datetime | None = None
    confirmed_key_id: str | None = None
    rules_version: str
    log_entry_id: uuid.UUID
    """The access log's entry of the proposal or, later, of the confirmation."""


def check_reversible(settlement: Settlement, of_record: Sequence[Settlement], now: dt.datetime, max_days: int) -> None:
    """Raise NotReversible for a debt that was waived in whole or in part, or after ``max_days`` days of 24 hours.

    A debt that ended with a waiver stays ended, whichever payment came before: a waived sum is not claimed again.
    """
    if any(each.kind is SettlementKind.WAIVER for each in (settlement, *of_record)):
        raise NotReversible(Irreversible.WAIVED)
    if now - settlement.received_at > dt.timedelta(days=max_days):
        raise NotReversible(Irreversible.TOO_LATE)


def confirm(reversal: Reversal, *, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID) -> Reversal:
    """Confirm the reversal under another key than its proposer's; raises ConfirmedAlready or SamePerson."""
    if reversal.confirmed_at is not None:
        raise ConfirmedAlready
    if reversal.proposed_key_id == key_id:
        raise SamePerson
    return replace(reversal, confirmed_at=at, confirmed_key_id=key_id, log_entry_id=log_entry_id)


def unpaid(record: Record, settlement: Settlement) -> Record:
    """Take the money of ``settlement`` off the record's payments, except the part that a later export took off already.

    A rest that was waived with it stays waived.
    """
    return replace(record, paid_fen=max(0, record.paid_fen - settlement.amount_fen))


def untrue_now(clearances: Sequence[Clearance], settlement: Settlement) -> tuple[Clearance, ...]:
    """Return the clearances that relied on the settlement: all that were issued with it or since."""
    return tuple(each for each in clearances if each.revoked_at is None and each.issued_at >= settlement.received_at)
