"""The registry stores an inquiry, and the quote that lists the debts which an applicant has to pay first."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from protocol.values import quick
from registry.domain.money import Owed, owed_together


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One inquiry and its decision."""

    subject_key: bytes = field(repr=False)
    inquiry_id: uuid.UUID
    month: int
    """Year and month as 202611: the inquiry tables are dropped by month, without DELETE."""
    participant_id: str
    service_class: ServiceClass
    decision: DecisionCode
    reasons: tuple[ReasonCode, ...]
    rules_version: str
    decided_at: dt.datetime
    quote_id: uuid.UUID | None
    order_ref: bytes | None = field(default=None, repr=False)
    """The carrier's keyed reference of the order (16 bytes); the rest of the context is in the entry's opening."""
    log_entry_id: uuid.UUID


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """One check of an inquiry after the first, numbered from 1; ``total_fen`` is what was quoted, 0 for nothing."""

    subject_key: bytes = field(repr=False)
    inquiry_id: uuid.UUID
    number: int
    participant_id: str
    decision: DecisionCode
    reasons: tuple[ReasonCode, ...]
    total_fen: int
    decided_at: dt.datetime
    log_entry_id: uuid.UUID


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One record that weighed in one inquiry: its inquirer must be told when the record changes.

    ``subject_key`` is the record's own debtor, who may be another member of the household than the applicant.
    """

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    inquiry_id: uuid.UUID
    participant_id: str
    asked_at: dt.datetime


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine(Owed):
    """One debt inside a quote; it may belong to another member of the household than the asker."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    service_class: ServiceClass


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTotal(Owed):
    """The sum that a quote owes one creditor, over all its records in it."""

    creditor_id: str
    records: int


def totals_of(lines: Iterable[QuoteLine]) -> tuple[QuoteTotal, ...]:
    """Add up these debts by creditor, in the order of the creditors' ids."""
    by_creditor: dict[str, list[QuoteLine]] = {}
    for line in lines:
        by_creditor.setdefault(line.creditor_id, []).append(line)
    return tuple(
        QuoteTotal(creditor_id=creditor_id, records=len(owned), **owed_together(owned).parts())
        for creditor_id, owned in sorted(by_creditor.items())
    )


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The debts to pay first, their creditors, and the last moment of the figures. ``reference`` is unguessable."""

    subject_key: bytes = field(repr=False)
    quote_id: uuid.UUID
    reference: str = field(repr=False)
    inquiry_id: uuid.UUID
    lines: tuple[QuoteLine, ...]
    """The first MAX_QUOTE_LINES debts, the longest due first."""
    totals: tuple[QuoteTotal, ...]
    """One total for each creditor, over all debts of the quote, those without a line included."""
    quoted_at: dt.datetime
    valid_until: dt.datetime
    log_entry_id: uuid.UUID

    @property
    def records(self) -> int:
        """Count the debts of the quote."""
        return sum(total.records for total in self.totals)

    @property
    def owed(self) -> Owed:
        """Add up the debts to all creditors."""
        return owed_together(self.totals)

    @property
    def total_fen(self) -> int:
        """Add up all parts."""
        return self.owed.total_fen
