"""The rules' figures with their bounds, their versions, and a creditor's own late fee."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from protocol.names import MAX_COUNT
from protocol.states import DebtPart, RulesState
from protocol.wire.fields import Count, Fen, HexDigest, ParticipantId, RulesName
from protocol.wire.kinds import Items, Note

_MOST_DATES: Final = 1_000
_MOST_VERSIONS: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRules:
    """Which debts may be listed, and how long after the notice a record begins to block."""

    minimum_principal_fen: Fen
    minimum_days_past_due: Count
    maximum_days_past_due: Count
    notice_lead_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFeeRules:
    """Parts per million of the principal: a day, and in all."""

    daily_ppm: Count
    cap_ppm: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTerms:
    """How long each side of a dispute has, in days."""

    answer_days: Count
    close_days: Count
    lapse_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTerms:
    """Whether a report needs a manifest of its evidence, and how soon a document of it is shown."""

    required: bool
    answer_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationTerms:
    """How fresh the creditor's word that a debt is unpaid has to be (0: none is asked for), and when waiting ends."""

    max_age_days: Count
    lapse_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTerms:
    """Working days for the creditor's answer to a collection, and the dates on which the week's plan does not hold."""

    confirm_working_days: Count
    holidays: Annotated[tuple[dt.date, ...], Items(least=0, most=_MOST_DATES)]
    extra_workdays: Annotated[tuple[dt.date, ...], Items(least=0, most=_MOST_DATES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTerms:
    """How long anything is kept."""

    record_years: Count
    seal_days: Count
    closed_days: Count
    inquiry_months: Count
    event_days: Count
    answer_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutTerms:
    """The records that a creditor's rows may take out a day: a share of its open ones, or a least number."""

    daily_share_ppm: Count
    daily_least: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTerms:
    """How long an offer of debts stands, and for how long it can be undone once it was accepted."""

    offer_days: Count
    undo_days: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All figures of one version: money in fen, rates in parts per million, times as the names say."""

    version: RulesName
    effective_from: dt.date
    listing: ListingRules
    late_fee: LateFeeRules
    quote_valid_hours: Count
    decision_token_minutes: Count
    red_list_max_days: Count
    allocation: Annotated[tuple[DebtPart, ...], Items(least=len(DebtPart), most=len(DebtPart))]
    settlement_tolerance_fen: Fen
    reversal_max_days: Count
    disputes: DisputeTerms
    victim_marker_months: Count
    plan_grace_days: Count
    notice_of_change_days: Count
    dispute_reminder_days: Count
    evidence: EvidenceTerms
    confirmation: ConfirmationTerms
    collection: CollectionTerms
    retention: RetentionTerms
    free_statements_a_year: Count
    rebuttal_months: Count
    ended_link_days: Count
    take_outs: TakeOutTerms
    transfers: TransferTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class DayQuery:
    """Which day is asked about."""

    at: Annotated[dt.date, Note("A date in Beijing; today when absent.")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDate:
    """A version that is approved, and the day it comes into force."""

    version: RulesName
    effective_from: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRules:
    """The rules in force on a day, and all versions by date, those to come included."""

    rules: Rules
    versions: Annotated[tuple[RulesDate, ...], Items(least=1, most=_MOST_VERSIONS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesVersion:
    """One version and how it came about; ``sha256`` is of the canonical JSON of ``rules`` and stands in the log.

    Nobody proposed the founding versions.
    """

    rules: Rules
    state: RulesState
    sha256: HexDigest
    proposed_by: ParticipantId | None
    proposed_at: dt.datetime | None
    approved_by: ParticipantId | None
    approved_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesApproval:
    """Which figures are approved: the digest of the version as it is shown."""

    sha256: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCreditorTerms:
    """The sender's own late fee on what it lists from a day on: today, or a later one."""

    daily_ppm: Count
    cap_ppm: Count
    effective_from: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditorTerms(NewCreditorTerms):
    """Terms as they were set."""

    terms_id: UUID
    set_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditorTermsList:
    """The terms of a day (null where the rules alone apply), and all that were ever set, by date."""

    in_force: CreditorTerms | None
    terms: Annotated[tuple[CreditorTerms, ...], Items(least=0, most=MAX_COUNT)]
