"""The words of attestations of good standing: how a consent was given, the state of each, and what a row comes to."""

from enum import StrEnum
from typing import Final

from protocol.grades import Tenure


class ConsentMethod(StrEnum):
    """The ways on which a subject gives its consent to its carrier."""

    PAPER = "PAPER"
    COUNTER = "COUNTER"
    APP = "APP"
    SMS_CODE = "SMS_CODE"


class ConsentPurpose(StrEnum):
    """The purposes of a consent to an attestation: the credit grade, and no other."""

    GRADE = "GRADE"


class AttestationState(StrEnum):
    """The states of an attestation. Only a VALID one has a row; each other state is the word of its end."""

    VALID = "VALID"
    WITHDRAWN = "WITHDRAWN"
    """The subject took its consent back, or the attester its word."""
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    """The same carrier attested anew on the same account."""
    VOID = "VOID"
    """A record of the same carrier speaks against it."""


class AttestationVerdict(StrEnum):
    """The verdicts on a row; those of the first three are kept, or were."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    REPLACED = "REPLACED"
    ATT_NO_CONSENT = "ATT_NO_CONSENT"
    """There is none, its text is not in the catalogue, it is over or not yet given, or it was withdrawn."""
    ATT_CONSENT_TOO_LONG = "ATT_CONSENT_TOO_LONG"
    ATT_CONTRADICTED = "ATT_CONTRADICTED"
    """A record of the same carrier about the same subject was due within the attested span."""
    ATT_NOT_ALLOWED = "ATT_NOT_ALLOWED"
    """The rules in force allow no attestations."""
    REJ_MALFORMED_ROW = "REJ_MALFORMED_ROW"


class DemandReply(StrEnum):
    """The reasons for which a carrier does not attest although the subject demands it."""

    NOT_IDENTIFIED = "NOT_IDENTIFIED"
    """Nobody came to the carrier with the number of the demand, so that it cannot know whom it is about."""
    NO_CONTRACT = "NO_CONTRACT"
    NO_CONSENT = "NO_CONSENT"
    """The subject was asked for its consent, and gave none."""
    NOT_IN_GOOD_STANDING = "NOT_IN_GOOD_STANDING"


class StandingDemandState(StrEnum):
    """The states of a demand for an attestation; OVERDUE follows from the date and is never stored."""

    OPEN = "OPEN"
    ATTESTED = "ATTESTED"
    REFUSED = "REFUSED"
    OVERDUE = "OVERDUE"


TAKEN: Final = frozenset({AttestationVerdict.ACCEPTED, AttestationVerdict.DUPLICATE, AttestationVerdict.REPLACED})
MOST_AGE_DAYS: Final = 62
"""A row is told so many days after ``as_of`` at the latest: two months of bills, so that a late run still counts."""
PAID_WITHIN_DAYS: Final = 30
"""Good standing: each bill of the span was paid within so many days of its due date (docs/spec/attestations.md)."""


def band_of(months: int) -> Tenure:
    """Cut a number of whole months of good standing to its band; NONE below the first."""
    return max(band for band in Tenure if band <= max(months, 0))
