"""The vocabulary of the credit grade: its letters, the inputs that weigh, and the two reasons that no bin gives.

docs/spec/grades.md defines each input. There is no other: nothing of a household, a complaint, an inquiry, an age,
a sex or a place has a name here.
"""

from enum import IntEnum, StrEnum
from typing import Final

from protocol.codes import DecisionCode


class Grade(StrEnum):
    """The letters, best first. E says that a debt is open, whatever else is known."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class CreditInput(StrEnum):
    """The inputs of a grade, in the order in which ties between reasons are broken."""

    OPEN = "open"
    """Creditors with a debt that blocks; one gives E, and so no scorecard weighs it."""
    PLAN_RUNNING = "plan_running"
    CLEARED_DAYS = "cleared_days"
    CLEARED_CREDITORS = "cleared_creditors"
    BLOCKED_DAYS = "blocked_days"
    PLANS_BROKEN = "plans_broken"
    TENURE = "tenure"


class Tenure(IntEnum):
    """The bands of an attestation, in whole months of bills paid in time; a gateway cuts them, so no finer one leaves.

    NONE is the band of somebody for whom nobody attests.
    """

    NONE = 0
    YEAR = 12
    TWO_YEARS = 24
    THREE_YEARS = 36


class GradeUse(StrEnum):
    """The uses that a carrier makes of a grade for one of its tariffs."""

    BINDING = "BINDING"
    """A low grade asks for a deposit or a prepaid line."""
    ADVISORY = "ADVISORY"
    """The grade is told, and changes no decision."""
    OFF = "OFF"
    """No grade is read."""


class ReviewOutcome(StrEnum):
    """The outcomes of a review of a grade by a person of the carrier."""

    CONFIRMED = "CONFIRMED"
    """The decision stands."""
    LIFTED = "LIFTED"
    """The order may be done as asked; two people of the carrier answer for it."""


class ReviewReason(StrEnum):
    """The grounds on which an applicant asks for a review."""

    FACT_WRONG = "FACT_WRONG"
    GOOD_RECORD_HERE = "GOOD_RECORD_HERE"
    """The carrier knows the applicant as a good customer."""
    HARDSHIP = "HARDSHIP"
    DEPOSIT_ELSEWHERE = "DEPOSIT_ELSEWHERE"
    """Another deposit of the applicant is held already."""
    OTHER = "OTHER"


ATTESTED: Final = (Tenure.YEAR, Tenure.TWO_YEARS, Tenure.THREE_YEARS)
"""The bands that can be attested."""
WEIGHED: Final = tuple(each for each in CreditInput if each is not CreditInput.OPEN)
"""The inputs that a scorecard weighs: each has one characteristic."""
BY_GRADE: Final = frozenset({DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY})
"""The decisions that a grade alone makes; each can be reviewed by a person of the carrier."""
ABSENT: Final = -1
"""The value of days since a debt ended, where none ended within the memory of the rules."""
DEBT_OPEN: Final = "DEBT_OPEN"
NOTHING_ADVERSE: Final = "NOTHING_ADVERSE"
MOST_REASONS: Final = 4
"""A grade names at most four reasons, as key factors of a score are named (FCRA section 609(f)(1)(C))."""
