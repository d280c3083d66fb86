"""Inquiries before an activation, their answers, and the quote that has to be paid first."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.context import TokenName
from protocol.grades import MOST_REASONS, Grade
from protocol.messages.context import InquiryContext
from protocol.messages.grades import GradeReason, Tariff
from protocol.messages.limits import MAX_BATCH
from protocol.messages.tokens import SubjectTokens
from protocol.names import MAX_COUNT
from protocol.states import HouseholdKeyState
from protocol.values import quick
from protocol.wire.fields import Fen, Jws, ParticipantId, Reference, RowId, RulesName, Sum
from protocol.wire.kinds import Items, PlainText, Whole

MAX_QUOTE_LINES: Final = 200
"""A quote names so many debts one by one, the longest due first; its totals cover all of them."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryRequest:
    """An inquiry whether an applicant may have a service now; ``inquiry_ref`` is the asker's own reference."""

    inquiry_ref: RowId
    tokens: SubjectTokens
    service_class: ServiceClass
    context: InquiryContext | None = None
    tariff: Tariff | None = None
    """The tariff that the applicant wants, by the carrier's own code in its credit terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRequest:
    """A question whether anything has changed since a decision, which its newest token names."""

    inquiry_ref: RowId
    decision_token: Jws = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryBatch:
    """Up to 1,000 inquiries, answered in order."""

    inquiries: Annotated[tuple[InquiryRequest, ...], Items(least=1, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSummary:
    """The amounts to pay first, in fen, without the creditors' names."""

    reference: Reference
    service_classes: Annotated[tuple[ServiceClass, ...], Items(least=1, most=len(ServiceClass))]
    creditors: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    principal_fen: Sum
    late_fee_fen: Sum
    costs_fen: Sum
    total_fen: Sum
    valid_until: dt.datetime


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedKeys:
    """The household keys by which nobody was looked for, and why."""

    household_register: HouseholdKeyState | None = None
    household_address: HouseholdKeyState | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Terms on which the applicant may be served at once; ``amount_fen`` is the deposit's."""

    kind: AlternativeKind
    amount_fen: Fen | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAnswer:
    """The applicant's grade for this order, with its reasons by the codes of the rules; points are told to nobody."""

    grade: Grade
    reasons: Annotated[tuple[GradeReason, ...], Items(least=1, most=MOST_REASONS)]
    limit_fen: Sum
    """Advice: the carrier's own figures may differ."""
    deposit_fen: Sum
    """The deposit of the carrier's own tariff for this grade; 0 is none."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswer:
    """The decision, its reasons, the remedies, and the token that the activation report quotes."""

    inquiry_ref: RowId
    inquiry_id: UUID
    decision: DecisionCode
    reasons: Annotated[tuple[ReasonCode, ...], Items(least=1, most=len(ReasonCode))]
    remedies: Annotated[tuple[Remedy, ...], Items(least=0, most=len(Remedy))]
    rules_version: RulesName
    decided_at: dt.datetime
    decision_token: Jws = field(repr=False)
    quote: QuoteSummary | None = None
    checked: Annotated[tuple[TokenName, ...], Items(least=0, most=len(TokenName))] = ()
    """The keys by which the registry looked; a registry of an earlier release does not say."""
    unchecked: UncheckedKeys | None = None
    valid_until: dt.datetime | None = None
    """Until then the decision may be acted upon: the end of its token."""
    changed: bool | None = None
    """Only after a re-check: whether decision, reasons or the quoted total differ from the answer before."""
    alternatives: Annotated[tuple[Alternative, ...], Items(least=0, most=len(AlternativeKind))] = ()
    credit: CreditAnswer | None = None
    """Only after an inquiry with a context, for a new order, while the rules grade anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswers:
    """The answers to a batch, in its order."""

    answers: Annotated[tuple[InquiryAnswer, ...], Items(least=1, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTotal:
    """The total of one creditor over all debts of a quote, and its payment details."""

    creditor: ParticipantId
    creditor_name: Annotated[str, PlainText(most=200)]
    how_to_pay: Annotated[str, PlainText(least=0, most=500)]
    records: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    principal_fen: Sum
    late_fee_fen: Sum
    costs_fen: Sum
    total_fen: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteLine:
    """One debt of a quote: its creditor, the payment details, and whether it is settled by now."""

    creditor: ParticipantId
    creditor_name: Annotated[str, PlainText(most=200)]
    how_to_pay: Annotated[str, PlainText(least=0, most=500)]
    service_class: ServiceClass
    principal_fen: Fen
    late_fee_fen: Fen
    costs_fen: Fen
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A quote as the holder of its reference sees it: totals of all ``records``, lines of the longest due."""

    reference: Reference
    quoted_at: dt.datetime
    valid_until: dt.datetime
    records: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    creditors: Annotated[tuple[QuoteTotal, ...], Items(least=1, most=MAX_COUNT)]
    lines: Annotated[tuple[QuoteLine, ...], Items(least=1, most=MAX_QUOTE_LINES)]
    total_fen: Sum
