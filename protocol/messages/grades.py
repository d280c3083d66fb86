"""The terms of the credit grade: the scorecard and its effect as figures of the rules, and a carrier's own tariffs."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import (
    ABSENT,
    ATTESTED,
    MOST_REASONS,
    WEIGHED,
    CreditInput,
    Grade,
    GradeUse,
    ReviewOutcome,
    ReviewReason,
)
from protocol.names import MAX_COUNT, TARIFF
from protocol.wire.fields import Count, Jws, Octets16
from protocol.wire.kinds import Items, Key, PlainText, Text, Whole

MOST_BINS: Final = 12
MOST_WORDINGS: Final = 40
_MOST_POINTS: Final = 500
PER_MILLE: Final = 1_000

GradeReason = Annotated[str, Text("[A-Z][A-Z0-9_]{1,39}", most=40)]
"""A code of the scorecard's own; its texts stand beside it in the same version of the rules."""
Tariff = Annotated[str, Text(TARIFF, most=16)]
_Words = Annotated[str, PlainText(most=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The points of the values from ``from_value`` to below the next bin; -1 is the value of no day at all."""

    from_value: Annotated[int, Whole(least=ABSENT, most=10_000)]
    points: Annotated[int, Whole(least=-_MOST_POINTS, most=_MOST_POINTS)]
    reason: GradeReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """One input and its bins, by ascending value."""

    input: CreditInput
    bins: Annotated[tuple[Bin, ...], Items(least=1, most=MOST_BINS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The least points of a letter."""

    grade: Grade
    at_least: Annotated[int, Whole(least=-10_000, most=10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A reason in the words in which an applicant reads it."""

    code: GradeReason
    zh: _Words
    en: _Words


_Amount = Annotated[int, Whole(least=1, most=10_000_00)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAmounts:
    """An amount for each service, in fen."""

    mobile: Annotated[_Amount, Key("MOBILE")]
    fixed_voice: Annotated[_Amount, Key("FIXED_VOICE")]
    broadband: Annotated[_Amount, Key("BROADBAND")]
    iptv: Annotated[_Amount, Key("IPTV")]

    def of(self, service: ServiceClass) -> int:
        """The amount for one service, in fen."""
        amounts = {
            ServiceClass.MOBILE: self.mobile,
            ServiceClass.FIXED_VOICE: self.fixed_voice,
            ServiceClass.BROADBAND: self.broadband,
            ServiceClass.IPTV: self.iptv,
        }
        return amounts[service]


_Bills = Annotated[int, Whole(least=0, most=24)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLimits:
    """The limit of each letter, in average bills of the tariff. It is advice: the carrier's own figures may differ."""

    a: Annotated[_Bills, Key("A")]
    b: Annotated[_Bills, Key("B")]
    c: Annotated[_Bills, Key("C")]

    def of(self, grade: Grade) -> int:
        """The limit of a letter in average bills: none below C."""
        return {Grade.A: self.a, Grade.B: self.b, Grade.C: self.c}.get(grade, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTerms:
    """The bounds of a carrier's deposit, and the time after which it is due back."""

    cap_fen: Annotated[int, Whole(least=0, most=100_000_00)]
    """No tariff makes a deposit of more than this."""
    months: Annotated[int, Whole(least=1, most=24)]
    """It is due back so many months after it was taken, at the latest."""
    bills_in_time: Annotated[int, Whole(least=1, most=24)]
    """It is due back once so many consecutive bills were paid in time."""
    end_days: Annotated[int, Whole(least=1, most=60)]
    """After the service ended, undisputed bills are set off and the rest is due back within so many days."""
    interest_ppm_year: Annotated[int, Whole(least=0, most=200_000)]
    """Simple interest for a year, in parts per million of what was taken; 0 is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationTerms:
    """The terms of attestations of good standing, which need the subject's consent."""

    allowed: bool
    most_days: Annotated[int, Whole(least=30, most=365)]
    """No attestation, and no consent to one, holds for longer."""
    demand_working_days: Annotated[int, Whole(least=1, most=30)]
    """A carrier attests within so many working days of the subject's demand, or says why not."""
    ending_days: Annotated[int, Whole(least=1, most=90)]
    """The subject's carrier is told so many days before an attestation ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeTerms:
    """The scorecard (docs/spec/grades.md), and the effect of its letters."""

    base: Annotated[int, Whole(least=0, most=1_000)]
    history_days: Annotated[int, Whole(least=0, most=1_094)]
    """A debt that ended weighs for so many days; what is sealed cannot weigh."""
    cuts: Annotated[tuple[Cut, ...], Items(least=3, most=3)]
    characteristics: Annotated[tuple[Characteristic, ...], Items(least=len(WEIGHED), most=len(WEIGHED))]
    reasons: Annotated[tuple[Wording, ...], Items(least=2, most=MOST_WORDINGS)]
    limit_bills: CreditLimits
    average_bill_fen: ServiceAmounts
    """The average bill for a carrier that has set no credit terms of its own."""
    deposit: DepositTerms
    review_working_days: Annotated[int, Whole(least=1, most=15)]
    """A person of the carrier reviews a grade within so many working days of being asked."""
    attestations: AttestationTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInputs:
    """The seven inputs of a grade (docs/spec/grades.md): all that ever weighs in one."""

    open: Count
    plan_running: bool
    cleared_days: Count | None
    """Absent where no debt ended within the memory of the rules, and while a plan runs."""
    cleared_creditors: Count
    blocked_days: Count
    plans_broken: Count
    tenure: Annotated[int, Whole(least=0, most=int(max(ATTESTED)))]
    """Whole months attested with the person's consent, as a band: 0, 12, 24 or 36."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGrade:
    """A subject's grade of today, as an inquiry would be told it; a statement has none where nobody is graded."""

    grade: Grade
    reasons: Annotated[tuple[Wording, ...], Items(least=1, most=MOST_REASONS)]
    inputs: CreditInputs
    history_days: Count
    """The days for which a debt weighs after it ended."""


MOST_DEPOSIT_PERMILLE: Final = 2_000
"""No tariff asks for a deposit of more than two average bills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCreditTerms:
    """The sender's own terms for low grades in one of its tariffs, from a day on: today, or a later one."""

    service_class: ServiceClass
    tariff: Tariff | None = None
    """Absent: all tariffs of the service that have no terms of their own."""
    average_bill_fen: _Amount
    deposit_permille_of_bill: Annotated[int, Whole(least=0, most=MOST_DEPOSIT_PERMILLE)]
    """The deposit in thousandths of the average bill; 0 asks for none."""
    prepaid: bool
    """True if the tariff can be had prepaid."""
    use: GradeUse
    asks: AlternativeKind = AlternativeKind.DEPOSIT
    """The terms that a low grade asks for; the other ones stand beside them, and the applicant chooses."""
    effective_from: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms(NewCreditTerms):
    """Terms as they were set."""

    terms_id: UUID
    set_at: dt.datetime


_MANY_TERMS = Annotated[tuple[CreditTerms, ...], Items(least=0, most=MAX_COUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTermsList:
    """The terms of a day, by service and tariff, and all that were ever set, by date."""

    in_force: _MANY_TERMS
    terms: _MANY_TERMS


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGradeReview:
    """A person of the carrier looked at a decision that a grade made, since its applicant asked for it.

    ``agent`` and ``approved_by`` are keyed references of the carrier's own.
    """

    decision_token: Jws = field(repr=False)
    outcome: ReviewOutcome
    reason: ReviewReason
    """The ground on which the applicant asked."""
    asked_at: dt.datetime
    """The moment at which the applicant asked."""
    agent: Octets16 = field(repr=False)
    approved_by: Octets16 | None = field(default=None, repr=False)
    """Of LIFTED alone: the second person, who is not ``agent``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeReview:
    """A review that the registry took."""

    review_id: UUID
    inquiry_id: UUID
    outcome: ReviewOutcome
    reason: ReviewReason
    asked_at: dt.datetime
    due_on: dt.date
    """The last day on which the review was in time."""
    late: bool
    reviewed_at: dt.datetime
    log_entry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedReview:
    """A person of the inquirer reviewed the decision that a grade made, since the subject asked for it."""

    outcome: ReviewOutcome
    reason: ReviewReason
    asked_at: dt.datetime
    at: dt.datetime
    late: bool
