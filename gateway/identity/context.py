"""The circumstances of an application, as a caller tells them, and the context that leaves the carrier."""

from dataclasses import dataclass, field
from typing import Final

from crypto.references import Named, References
from gateway.identity.documents import SubjectInputs
from protocol.context import Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.messages.context import ONE_LINE, Consent, HouseholdKey, HouseholdKeys, InquiryContext
from protocol.states import SOURCED_STATES, HouseholdKeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextDefaults:
    """[context] of the settings: what holds where a caller says nothing."""

    channel: Channel | None = None
    outlet: str | None = None
    consent_text: str | None = None


NOTHING_SAID: Final = ContextDefaults()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The circumstances in which somebody applies. Numbers of order, clerk and consent record stay at the carrier."""

    purpose: Purpose
    channel: Channel
    identity: IdentityCheck
    consent_text: str
    consent: str = field(repr=False)
    order: str = field(repr=False)
    agent: str | None = field(default=None, repr=False)
    outlet: str | None = None
    dealer: str | None = None
    lines: int = ONE_LINE
    port_in: bool = False
    tariff: str | None = None
    """The tariff that the applicant wants, by the carrier's own code in its credit terms."""
    household_source: HouseholdSource = HouseholdSource.DECLARED


def context_of(circumstances: Circumstances, inputs: SubjectInputs, references: References) -> InquiryContext:
    """Make the context: references for numbers, and the states of the household keys as the gateway found them.

    Raises NameInvalid for a number that no reference can be made of.
    """
    source, agent = circumstances.household_source, circumstances.agent
    return InquiryContext(
        purpose=circumstances.purpose,
        channel=circumstances.channel,
        identity=circumstances.identity,
        household=HouseholdKeys(
            register=_key(inputs.register_state, source), address=_key(inputs.address_state, source)
        ),
        consent=Consent(text=circumstances.consent_text, ref=references.of(Named.CONSENT, circumstances.consent)),
        order=references.of(Named.ORDER, circumstances.order),
        agent=None if agent is None else references.of(Named.AGENT, agent),
        outlet=circumstances.outlet,
        dealer=circumstances.dealer,
        lines=circumstances.lines,
        port_in=circumstances.port_in,
    )


def _key(state: HouseholdKeyState, source: HouseholdSource) -> HouseholdKey:
    return HouseholdKey(state=state, source=source if state in SOURCED_STATES else None)
