"""The figures of the rules with their bounds, their versions, and a creditor's own late fee."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.codes import ServiceClass
from protocol.messages.context import ConsentText
from protocol.messages.grades import GradeTerms, ServiceAmounts
from protocol.names import MAX_COUNT
from protocol.states import DebtPart, RulesState
from protocol.wire.fields import Count, HexDigest, ParticipantId, RulesName
from protocol.wire.kinds import Added, Items, Note, Whole

PER_MILLION: Final = 1_000_000
MOST_INQUIRY_MONTHS: Final = 60
"""No version of the rules keeps an inquiry for longer."""
_MOST_DATES: Final = 1_000
_MOST_VERSIONS: Final = 1_000
_MOST_TEXTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRules:
    """Decide which debts may be listed, and how long after the notice a record begins to block."""

    minimum_principal_fen: Annotated[int, Whole(least=1, most=100_000_00)]
    minimum_days_past_due: Annotated[int, Whole(least=30, most=1_095)]
    maximum_days_past_due: Annotated[int, Whole(least=30, most=1_095)]
    """Three years of limitation, Civil Code (PRC) article 188: an older debt is not listed anew."""
    notice_lead_days: Annotated[int, Whole(least=1, most=365)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFeeRules:
    """The fee: parts per million of the principal a day, and its cap in the same unit (1,000,000 = principal).

    Telecommunications Regulations (PRC), article 34: three per mille a day; and never more than the debt itself.
    """

    daily_ppm: Annotated[int, Whole(least=0, most=3_000)]
    cap_ppm: Annotated[int, Whole(least=0, most=PER_MILLION)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeTerms:
    """The time that each side of a dispute has, in days."""

    answer_days: Annotated[int, Whole(least=1, most=60)]
    close_days: Annotated[int, Whole(least=2, most=120)]
    lapse_days: Annotated[int, Whole(least=1, most=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTerms:
    """The evidence of a report: its manifest may be required, and its documents are shown within some days."""

    required: bool
    answer_days: Annotated[int, Whole(least=1, most=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationTerms:
    """The age, in days, of the creditor's word "still unpaid" when a record begins to block; 0 asks for none.

    A record that waits ``lapse_days`` in vain after its lead time lapses.
    """

    max_age_days: Annotated[int, Whole(least=0, most=365)]
    lapse_days: Annotated[int, Whole(least=1, most=365)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTerms:
    """Working days for the creditor's answer to a collection, and the dates on which the week's plan does not hold."""

    confirm_working_days: Annotated[int, Whole(least=1, most=30)]
    holidays: Annotated[tuple[dt.date, ...], Items(least=0, most=_MOST_DATES)]
    """Days off that fall on Monday to Friday."""
    extra_workdays: Annotated[tuple[dt.date, ...], Items(least=0, most=_MOST_DATES)]
    """Saturdays and Sundays that are worked in exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTerms:
    """``record_years`` from listing is the hard cap; a closed record is sealed, and purged at the latest then."""

    record_years: Annotated[int, Whole(least=1, most=5)]
    seal_days: Annotated[int, Whole(least=1, most=1_095)]
    """The time from closing until only an auditor can open the record; longer than a payment can be reversed."""
    closed_days: Annotated[int, Whole(least=1, most=1_826)]
    """The time from closing until the purge."""
    inquiry_months: Annotated[int, Whole(least=1, most=MOST_INQUIRY_MONTHS)]
    event_days: Annotated[int, Whole(least=30, most=1_826)]
    answer_days: Annotated[int, Whole(least=1, most=366)]
    """The time in which an answer is given again under its Idempotency-Key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutTerms:
    """The open records that a creditor's rows may take out a day before a second key of it has to confirm."""

    daily_share_ppm: Annotated[int, Whole(least=0, most=100_000)]
    """The share of the creditor's open records, in parts per million."""
    daily_least: Annotated[int, Whole(least=1, most=1_000)]
    """Never fewer than this."""

    def bound(self, open_records: int) -> int:
        """The number of take-outs that need no second key, for a creditor with so many open records."""
        return max(self.daily_least, open_records * self.daily_share_ppm // PER_MILLION)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTerms:
    """The days that an offer of debts stands, and those in which it can be undone once it was accepted."""

    offer_days: Annotated[int, Whole(least=1, most=366)]
    undo_days: Annotated[int, Whole(least=0, most=366)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeTerms:
    """The terms on which a service can be had at once, where the decision does not simply allow it."""

    prepaid_services: Annotated[tuple[ServiceClass, ...], Items(least=1, most=len(ServiceClass))]
    """The services that carriers offer prepaid. MOBILE is always one, so that nobody is left without any service."""
    deposit_up_to_fen: Annotated[int, Whole(least=0, most=100_000_00)]
    """A quote up to this total may be met by a deposit instead of being paid first; 0 = never."""
    deposit_fen: ServiceAmounts


FIRST_ALTERNATIVES: Final[dict[str, Any]] = {
    "prepaid_services": ["MOBILE", "BROADBAND"],
    "deposit_up_to_fen": 0,
    "deposit_fen": {"MOBILE": 100_00, "FIXED_VOICE": 100_00, "BROADBAND": 200_00, "IPTV": 100_00},
}
"""The group as it is for versions from before it existed: signed ones, and those that an older registry tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckTerms:
    """The days after an inquiry in which it is checked again, and how often at most."""

    days: Annotated[int, Whole(least=1, most=90)]
    most: Annotated[int, Whole(least=1, most=20)]


FIRST_RECHECKS: Final[dict[str, Any]] = {"days": 30, "most": 20}
"""The group as it is for versions from before it existed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationTerms:
    """The days for the report of an activation, and for those that change it."""

    report_days: Annotated[int, Whole(least=30, most=366)]
    """A first report comes so many days after the decision, and after it was done, at the latest."""
    correct_days: Annotated[int, Whole(least=1, most=90)]
    """An opening is corrected so many days after its first report at the latest."""
    find_days: Annotated[int, Whole(least=1, most=90)]
    """The decision of an order that was told as unchecked is found so many days after that report at the latest."""
    cancel_days: Annotated[int, Whole(least=30, most=400)]
    """A cancellation follows so many days after the opening was done at the latest."""


FIRST_ACTIVATION: Final[dict[str, Any]] = {
    "report_days": 90,
    "correct_days": 30,
    "find_days": 7,
    "cancel_days": 400,
}
"""The group as it is for versions from before it existed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextTerms:
    """The consent texts that an inquiry's context may name, and the day from which every inquiry needs a context."""

    consent_texts: Annotated[tuple[ConsentText, ...], Items(least=1, most=_MOST_TEXTS)]
    required_from: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All figures of one version: money in fen, rates in parts per million, times as the names say."""

    version: RulesName
    effective_from: dt.date
    listing: ListingRules
    late_fee: LateFeeRules
    quote_valid_hours: Annotated[int, Whole(least=1, most=744)]
    decision_token_minutes: Annotated[int, Whole(least=1, most=1_440)]
    red_list_max_days: Annotated[int, Whole(least=1, most=366)]
    allocation: Annotated[tuple[DebtPart, ...], Items(least=len(DebtPart), most=len(DebtPart))]
    """The order in which a payment is put towards the parts of a debt."""
    settlement_tolerance_fen: Annotated[int, Whole(least=0, most=100_00)]
    """A part payment that leaves less than this settles the debt."""
    reversal_max_days: Annotated[int, Whole(least=0, most=730)]
    disputes: DisputeTerms
    victim_marker_months: Annotated[int, Whole(least=1, most=120)]
    plan_grace_days: Annotated[int, Whole(least=0, most=60)]
    """The time after its date in which an instalment is still in time."""
    notice_of_change_days: Annotated[int, Whole(least=1, most=365)]
    """A change of the rules takes effect so many days after its approval at the earliest."""
    dispute_reminder_days: Annotated[int, Whole(least=0, most=59)]
    """So many days before the answer is due the creditor is told again."""
    evidence: EvidenceTerms
    confirmation: ConfirmationTerms
    collection: CollectionTerms
    retention: RetentionTerms
    free_statements_a_year: Annotated[int, Whole(least=2, most=366)]
    rebuttal_months: Annotated[int, Whole(least=1, most=120)]
    """The time for which a subject stays out of a household that it has shown not to be its own."""
    ended_link_days: Annotated[int, Whole(least=1, most=366)]
    """The time for which a record's former household is kept, so that a dispute over that time can be judged."""
    take_outs: TakeOutTerms
    transfers: TransferTerms
    context: ContextTerms | None = None
    """Every version has them; a gateway that finds none has a registry of an earlier release before it."""
    alternatives: Annotated[AlternativeTerms, Added(FIRST_ALTERNATIVES)]
    rechecks: Annotated[RecheckTerms, Added(FIRST_RECHECKS)]
    activation: Annotated[ActivationTerms, Added(FIRST_ACTIVATION)]
    grade: GradeTerms | None = None
    """None: nobody is graded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayQuery:
    """The day that the query is about."""

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
    """An approval of figures: the digest of the version as it is shown."""

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
