"""Turn raw fields into the OPRF inputs of the document and the household. Raw values go no further."""

import datetime as dt
from dataclasses import dataclass, field

from gateway.errors import ApplicationInvalid
from protocol.household import household_address_input, household_register_input
from protocol.identifiers import Document, DocumentKind, InvalidDocument, oprf_input, parse_document
from protocol.states import HouseholdKeyState

HOME_ISSUER = "CHN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawIdentity:
    """A person or firm as the carrier's own systems know it; held in memory for one call."""

    kind: DocumentKind
    number: str = field(repr=False)
    issuer: str = HOME_ISSUER
    household_register: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    collective_household: bool = False
    """A dormitory's or an employer's registration joins strangers: it gives no household key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectInputs:
    """The OPRF inputs of one subject; equal persons and households give equal bytes."""

    subject: bytes = field(repr=False)
    household_register: bytes | None = field(default=None, repr=False)
    household_address: bytes | None = field(default=None, repr=False)
    register_state: HouseholdKeyState = HouseholdKeyState.NOT_GIVEN
    address_state: HouseholdKeyState = HouseholdKeyState.NOT_GIVEN

    def present(self) -> tuple[bytes, ...]:
        """List the inputs that exist, the subject first."""
        households = (self.household_register, self.household_address)
        return (self.subject, *(each for each in households if each is not None))


def read_identity(raw: RawIdentity, *, today: dt.date) -> tuple[Document, SubjectInputs]:
    """Read the canonical document and the inputs; raises ``InvalidDocument``. A firm belongs to no household."""
    document = parse_document(raw.kind, raw.number, issuer=raw.issuer or HOME_ISSUER, today=today)
    subject = oprf_input(document)
    if not document.is_natural_person:
        nothing = HouseholdKeyState.NOT_APPLICABLE
        return document, SubjectInputs(subject=subject, register_state=nothing, address_state=nothing)
    register = household_register_input(raw.household_register, collective=raw.collective_household)
    address = household_address_input(raw.address)
    return document, SubjectInputs(
        subject=subject,
        household_register=register,
        household_address=address,
        register_state=_state(raw.household_register, register, collective=raw.collective_household),
        address_state=_state(raw.address, address),
    )


def identify(raw: RawIdentity, *, today: dt.date) -> tuple[Document, SubjectInputs]:
    """Read an identity that a person shows at the counter; raises ``ApplicationInvalid`` for an invalid document."""
    try:
        return read_identity(raw, today=today)
    except InvalidDocument as invalid:
        raise ApplicationInvalid("document.number", invalid.code.value) from None


def _state(text: str, key_input: bytes | None, *, collective: bool = False) -> HouseholdKeyState:
    """Tell the state of a household key; a collective register never gives a key."""
    if not text.strip():
        return HouseholdKeyState.NOT_GIVEN
    if collective:
        return HouseholdKeyState.COLLECTIVE
    return HouseholdKeyState.NOT_CANONICAL if key_input is None else HouseholdKeyState.GIVEN
