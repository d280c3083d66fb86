"""The words for an inquiry's context: why an applicant is asked about, where, and how it was identified.

Regulation on the Administration of the Credit Reporting Industry (PRC), articles 18 and 20: a query needs the person's
consent and serves the agreed purpose alone.
"""

from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """The purposes of an inquiry. Nothing else is one: no marketing, no check of staff, no "other"."""

    NEW_LINE = "NEW_LINE"
    ADD_LINE = "ADD_LINE"
    DEVICE_CREDIT = "DEVICE_CREDIT"
    OWNERSHIP_CHANGE = "OWNERSHIP_CHANGE"
    """A line passes to another person."""
    REINSTATEMENT = "REINSTATEMENT"


class Channel(StrEnum):
    """The ways on which an applicant reaches a carrier."""

    OUTLET = "OUTLET"
    DEALER = "DEALER"
    ONLINE = "ONLINE"
    TELEPHONE = "TELEPHONE"
    DOOR_TO_DOOR = "DOOR_TO_DOOR"
    SELF_SERVICE = "SELF_SERVICE"


class IdentityCheck(StrEnum):
    """The ways in which a carrier satisfied itself of the applicant's identity."""

    READER = "READER"
    """The chip of the card was read."""
    ONLINE_FACE = "ONLINE_FACE"
    DOCUMENT_SEEN = "DOCUMENT_SEEN"
    COPY = "COPY"
    REPRESENTED = "REPRESENTED"
    """Somebody else came, with both documents."""
    LICENCE = "LICENCE"
    """A firm's business licence."""
    NOT_VERIFIED = "NOT_VERIFIED"


class HouseholdSource(StrEnum):
    """The origin of a household register's number or an address."""

    DOCUMENT = "DOCUMENT"
    """The household register's booklet, or the address on the card."""
    REGISTER = "REGISTER"
    """An authority's register."""
    PREMISES = "PREMISES"
    """The carrier's own data of the line."""
    DECLARED = "DECLARED"
    """The applicant's word."""


class TokenName(StrEnum):
    """The elements by which a person is looked for."""

    SUBJECT = "subject"
    HOUSEHOLD_REGISTER = "household_register"
    HOUSEHOLD_ADDRESS = "household_address"


WITH_OUTLET: Final = frozenset({Channel.OUTLET, Channel.DEALER, Channel.DOOR_TO_DOOR})
"""The channels whose inquiries name the place."""
WITH_DEALER: Final = frozenset({Channel.DEALER})
WITHOUT_AGENT: Final = frozenset({Channel.ONLINE, Channel.SELF_SERVICE})
"""The channels on which no member of staff asks."""
MOST_LINES: Final = 10_000
STANDARD_CONSENT: Final = "standard-1"
"""The consent text of the founding rules."""
