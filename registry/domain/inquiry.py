"""An inquiry as it is kept, and the quote that tells an applicant what to pay first."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from protocol.codes import DecisionCode, ReasonCode, ServiceClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question asked and the decision given."""

    subject_key: bytes = field(repr=False)
    inquiry_id: uuid.UUID
    month: int
    """Year and month as 202611: the inquiry tables are dropped by month, not deleted from."""
    participant_id: str
    service_class: ServiceClass
    decision: DecisionCode
    reasons: tuple[ReasonCode, ...]
    rules_version: str
    decided_at: dt.datetime
    quote_id: uuid.UUID | None
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One record that weighed in one inquiry: who asked has to hear when the record changes.

    ``subject_key`` is the record's own debtor, who may be another member of the household than the applicant.
    """

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    inquiry_id: uuid.UUID
    participant_id: str
    asked_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One debt inside a quote; it may belong to another member of the household than the asker."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    service_class: ServiceClass
    principal_fen: int
    late_fee_fen: int
    costs_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.late_fee_fen + self.costs_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What has to be paid first, to whom, and until when the figures hold. ``reference`` is unguessable."""

    subject_key: bytes = field(repr=False)
    quote_id: uuid.UUID
    reference: str = field(repr=False)
    inquiry_id: uuid.UUID
    lines: tuple[QuoteLine, ...]
    quoted_at: dt.datetime
    valid_until: dt.datetime
    log_entry_id: uuid.UUID

    @property
    def principal_fen(self) -> int:
        return sum(line.principal_fen for line in self.lines)

    @property
    def late_fee_fen(self) -> int:
        return sum(line.late_fee_fen for line in self.lines)

    @property
    def costs_fen(self) -> int:
        return sum(line.costs_fen for line in self.lines)

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.late_fee_fen + self.costs_fen
