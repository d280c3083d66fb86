"""The context of an inquiry: purpose, place, identity, household, consent, order. The carrier vouches for all of it."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.context import MOST_LINES, Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.names import CONSENT_TEXT, PLACE_CODE
from protocol.states import TOLD_STATES, HouseholdKeyState
from protocol.values import quick
from protocol.wire.fields import Octets16
from protocol.wire.kinds import Code, Text, Whole

PlaceCode = Annotated[str, Text(PLACE_CODE, most=32)]
"""A carrier's code of an outlet or a dealer, never a person's."""
ConsentText = Annotated[str, Text(CONSENT_TEXT, most=16)]
"""The id of a consent text in the rules' catalogue."""
ONE_LINE: Final = 1


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdKey:
    """The state of one household key as the gateway found it, and where its input came from."""

    state: Annotated[HouseholdKeyState, Code(TOLD_STATES)]
    source: HouseholdSource | None = None
    """Only with SOURCED_STATES, and then always."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdKeys:
    """The states of both household keys."""

    register: HouseholdKey
    address: HouseholdKey


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The applicant's consent: the text that it agreed to, and the carrier's keyed reference of the record."""

    text: ConsentText
    ref: Octets16 = field(repr=False)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryContext:
    """The circumstances of an inquiry. ``order`` and ``agent`` are keyed references of the carrier's own.

    Channels need what protocol.context says: an outlet, a dealer, an agent.
    """

    purpose: Purpose
    channel: Channel
    identity: IdentityCheck
    household: HouseholdKeys
    consent: Consent
    order: Octets16 = field(repr=False)
    outlet: PlaceCode | None = None
    dealer: PlaceCode | None = None
    agent: Octets16 | None = field(default=None, repr=False)
    lines: Annotated[int, Whole(least=1, most=MOST_LINES)] = ONE_LINE
    port_in: bool = False
    """The number comes from another carrier."""
