"""The words of activations: the outcome of an order, why it is so, and how it stands to the decision."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ActivationOutcome(StrEnum):
    """The outcomes of one part of an order."""

    ACTIVATED = "ACTIVATED"
    """Opened as asked, postpaid."""
    DEPOSIT_TAKEN = "DEPOSIT_TAKEN"
    PREPAID = "PREPAID"
    DECLINED = "DECLINED"
    """Nothing was opened."""
    OVERRIDDEN = "OVERRIDDEN"
    """Opened postpaid against the decision: two people of the carrier answer for it."""
    CANCELLED_LATER = "CANCELLED_LATER"
    """A correction only: opened first, and closed again."""


OPENED: Final = frozenset(
    {
        ActivationOutcome.ACTIVATED,
        ActivationOutcome.DEPOSIT_TAKEN,
        ActivationOutcome.PREPAID,
        ActivationOutcome.OVERRIDDEN,
    }
)
"""The outcomes that leave the applicant with a service."""


class ActivationReason(StrEnum):
    """The reasons of outcomes. The commercial ones of an override are there so that nobody has to lie."""

    REVIEWED = "REVIEWED"
    VERIFIED = "VERIFIED"
    APPLICANT_LEFT = "APPLICANT_LEFT"
    NOT_PAID = "NOT_PAID"
    NOT_VERIFIED = "NOT_VERIFIED"
    NO_RESOURCE = "NO_RESOURCE"
    OTHER = "OTHER"
    PROOF_OF_PAYMENT = "PROOF_OF_PAYMENT"
    DISPUTED_IN_GOOD_FAITH = "DISPUTED_IN_GOOD_FAITH"
    NOT_THE_PERSON = "NOT_THE_PERSON"
    EMERGENCY = "EMERGENCY"
    ORDER_OF_COURT_OR_REGULATOR = "ORDER_OF_COURT_OR_REGULATOR"
    KEY_ACCOUNT = "KEY_ACCOUNT"
    RETENTION_OFFER = "RETENTION_OFFER"
    MANAGER = "MANAGER"
    LATE_HIT = "LATE_HIT"
    AFTER_BYPASS = "AFTER_BYPASS"
    APPLICANT = "APPLICANT"
    FRAUD = "FRAUD"


REASONS: Final[Mapping[ActivationOutcome, frozenset[ActivationReason]]] = {
    ActivationOutcome.ACTIVATED: frozenset({ActivationReason.REVIEWED, ActivationReason.VERIFIED}),
    ActivationOutcome.DEPOSIT_TAKEN: frozenset(),
    ActivationOutcome.PREPAID: frozenset(),
    ActivationOutcome.DECLINED: frozenset(
        {
            ActivationReason.APPLICANT_LEFT,
            ActivationReason.NOT_PAID,
            ActivationReason.NOT_VERIFIED,
            ActivationReason.NO_RESOURCE,
            ActivationReason.OTHER,
        }
    ),
    ActivationOutcome.OVERRIDDEN: frozenset(
        {
            ActivationReason.PROOF_OF_PAYMENT,
            ActivationReason.DISPUTED_IN_GOOD_FAITH,
            ActivationReason.NOT_THE_PERSON,
            ActivationReason.EMERGENCY,
            ActivationReason.ORDER_OF_COURT_OR_REGULATOR,
            ActivationReason.KEY_ACCOUNT,
            ActivationReason.RETENTION_OFFER,
            ActivationReason.MANAGER,
        }
    ),
    ActivationOutcome.CANCELLED_LATER: frozenset(
        {
            ActivationReason.LATE_HIT,
            ActivationReason.AFTER_BYPASS,
            ActivationReason.APPLICANT,
            ActivationReason.FRAUD,
        }
    ),
}
"""The reasons that an outcome may have."""
NEEDS_REASON: Final = frozenset(
    {ActivationOutcome.DECLINED, ActivationOutcome.OVERRIDDEN, ActivationOutcome.CANCELLED_LATER}
)
"""The outcomes that are always given a reason; one of ACTIVATED tells how a REVIEW or a VERIFY_ID ended."""


class UncheckedCause(StrEnum):
    """The reasons for which an order has no decision."""

    NOT_ASKED = "NOT_ASKED"
    SYSTEM_FAULT = "SYSTEM_FAULT"
    MIGRATED = "MIGRATED"
    QUEUE_LOST = "QUEUE_LOST"


class Basis(StrEnum):
    """The ground of an outcome: a decision in its time, an older one, or none."""

    CHECKED = "CHECKED"
    STALE = "STALE"
    """The decision was no longer valid when the order was done."""
    UNCHECKED = "UNCHECKED"


class Obeyed(StrEnum):
    """The relation of an outcome to the decision; NOT_BOUND where there was none."""

    YES = "YES"
    NO = "NO"
    NOT_BOUND = "NOT_BOUND"


class ActivationNote(StrEnum):
    """A mark of a report, for ever; none of them is a refusal."""

    LATE = "LATE"
    """Reported more than 24 hours after it was done."""
    MOVED = "MOVED"
    """Done at another outlet than it was asked from."""
    CORRECTED = "CORRECTED"
    """It replaces another outcome, not one that followed from it."""
    TOO_MANY_LINES = "TOO_MANY_LINES"
    """More lines than were asked about: the rest is unchecked."""


class ActivationVerdict(StrEnum):
    """The verdict on one row of a batch of activations."""

    RECORDED = "RECORDED"
    CORRECTED = "CORRECTED"
    DUPLICATE = "DUPLICATE"
    """The same was reported before; the answer names it."""
    REJ_TOKEN_INVALID = "REJ_TOKEN_INVALID"  # noqa: S105 (a verdict, no secret)
    REJ_TOKEN_FOREIGN = "REJ_TOKEN_FOREIGN"  # noqa: S105 (a verdict, no secret)
    REJ_TOKEN_EXPIRED = "REJ_TOKEN_EXPIRED"  # noqa: S105 (a verdict, no secret)
    REJ_OTHER_ORDER = "REJ_OTHER_ORDER"
    REJ_ALREADY_REPORTED = "REJ_ALREADY_REPORTED"
    REJ_EDGE = "REJ_EDGE"
    REJ_SECOND_PERSON = "REJ_SECOND_PERSON"
    REJ_SAME_PERSON = "REJ_SAME_PERSON"
    REJ_MALFORMED_ROW = "REJ_MALFORMED_ROW"
