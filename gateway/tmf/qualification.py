"""Read a TMF679 check as the questions of a local program: one inquiry an item, all of one customer and one order."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from crypto.references import is_name
from gateway.bulk.applications import Application
from gateway.identity.context import Circumstances, ContextDefaults
from gateway.identity.documents import HOME_ISSUER, RawIdentity
from gateway.local.members import invalid
from gateway.tmf.address import address_line
from gateway.tmf.bodies import (
    CheckProductOfferingQualificationItemRequest,
    CheckProductOfferingQualificationRequest,
    Identification,
    PartyOrPartyRole,
    ProductRefOrValue,
)
from gateway.tmf.reading import read_message, read_time
from gateway.tmf.tables import TmfTables
from protocol.codes import ServiceClass
from protocol.context import WITH_DEALER, WITH_OUTLET, WITHOUT_AGENT, Channel, HouseholdSource, Purpose
from protocol.identifiers import DocumentKind
from protocol.names import PLACE_CODE
from protocol.wire.kinds import Fault, Text

ONLY_INSTANT: Final = "ONLY_INSTANT"
"""The code of a wish to be answered later."""
_ITEMS: Final = "checkProductOfferingQualificationItem"
_CUSTOMER, _AGENT, _DEALER = "customer", "salesAgent", "dealer"
_PASSED_OVER: Final = frozenset({"requester", "initiator"})
"""Roles of systems and people who ask; any other role could be a second subject."""
_PLACE: Final = Text(PLACE_CODE, most=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedItem:
    """One item: the id under which it is answered, the offering, and the question."""

    item_id: str
    offering: str
    application: Application = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQualification:
    """A whole check. ``document_path`` names the customer's number in refusals."""

    items: tuple[AskedItem, ...]
    with_alternatives: bool
    with_reasons: bool
    complete_by: dt.datetime | None
    document_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parties:
    identity: RawIdentity = field(repr=False)
    document_path: str
    agent: str | None = field(repr=False)
    dealer: str | None


def read_qualification(body: dict[str, Any], tables: TmfTables, defaults: ContextDefaults) -> AskedQualification:
    """Read the body of a check; raises Refusal, which names members by their paths."""
    request = read_message(CheckProductOfferingQualificationRequest, body)
    if not request.instantSyncQualification:
        raise invalid("instantSyncQualification", ONLY_INSTANT)
    if request.provideOnlyAvailable:
        raise invalid("provideOnlyAvailable", "NOT_OFFERED")
    complete_by = None
    if request.requestedQualificationCompletionDate is not None:
        path = "requestedQualificationCompletionDate"
        complete_by, _ = read_time(request.requestedQualificationCompletionDate, path)
    channel, outlet = _channel(request, tables, defaults)
    parties = _parties(request, tables, channel)
    told = Circumstances(
        purpose=Purpose.NEW_LINE,
        channel=channel,
        identity=request.clearlineIdentity,
        consent_text=_consent_text(request, defaults),
        consent=_number(request.clearlineConsent, "clearlineConsent"),
        order=_number(request.clearlineOrder, "clearlineOrder"),
        agent=parties.agent,
        outlet=outlet,
        dealer=parties.dealer,
    )
    return AskedQualification(
        items=_items(request, tables, parties.identity, told),
        with_alternatives=request.provideAlternative,
        with_reasons=request.provideResultReason,
        complete_by=complete_by,
        document_path=parties.document_path,
    )


def _consent_text(request: CheckProductOfferingQualificationRequest, defaults: ContextDefaults) -> str:
    text = request.clearlineConsentText or defaults.consent_text
    if text is None:
        raise invalid("clearlineConsentText", "REQUIRED")
    return text


def _channel(
    request: CheckProductOfferingQualificationRequest, tables: TmfTables, defaults: ContextDefaults
) -> tuple[Channel, str | None]:
    """Return the channel, and the outlet that it needs: the carrier's code of the place."""
    told = request.channel
    if told is None:
        if defaults.channel is None:
            raise invalid("channel", "REQUIRED")
        channel, outlet = defaults.channel, defaults.outlet
    else:
        if told.name not in tables.channels:
            raise invalid("channel.name", "NOT_IN_VOCABULARY")
        channel, outlet = tables.channels[told.name], told.id
    if channel not in WITH_OUTLET:
        return channel, None
    return channel, _place(outlet, "channel.id")


def _place(code: str | None, path: str) -> str:
    if code is None:
        raise invalid(path, "REQUIRED")
    try:
        return _PLACE.read(code)
    except Fault:
        raise invalid(path, "MALFORMED") from None


def _number(number: str, path: str) -> str:
    if not is_name(number):
        raise invalid(path, "MALFORMED")
    return number


def _parties(request: CheckProductOfferingQualificationRequest, tables: TmfTables, channel: Channel) -> _Parties:
    by_role: dict[str, tuple[PartyOrPartyRole, str]] = {}
    for place, related in enumerate(request.relatedParty):
        path = f"relatedParty.{place}"
        if related.role in _PASSED_OVER:
            continue
        if related.role not in {_CUSTOMER, _AGENT, _DEALER}:
            raise invalid(f"{path}.role", "NOT_IN_VOCABULARY")
        if related.role in by_role:
            raise invalid(f"{path}.role", "REPEATED")
        if related.partyOrPartyRole is None:
            raise invalid(f"{path}.partyOrPartyRole", "REQUIRED")
        by_role[related.role] = related.partyOrPartyRole, f"{path}.partyOrPartyRole"
    if _CUSTOMER not in by_role:
        raise invalid("relatedParty", "NO_CUSTOMER")
    identity, document_path = _customer(*by_role[_CUSTOMER], tables, request.clearlineHouseholdRegister or "")
    agent, agent_path = _id_of(by_role, _AGENT, needed=channel not in WITHOUT_AGENT)
    dealer, dealer_path = _id_of(by_role, _DEALER, needed=channel in WITH_DEALER)
    return _Parties(
        identity=identity,
        document_path=document_path,
        agent=None if agent is None else _number(agent, agent_path),
        dealer=None if dealer is None else _place(dealer, dealer_path),
    )


def _id_of(by_role: dict[str, tuple[PartyOrPartyRole, str]], role: str, *, needed: bool) -> tuple[str | None, str]:
    if role not in by_role:
        if needed:
            raise invalid("relatedParty", f"NO_{'SALES_AGENT' if role == _AGENT else 'DEALER'}")
        return None, ""
    party, path = by_role[role]
    if party.id is None:
        raise invalid(f"{path}.id", "REQUIRED")
    return party.id, f"{path}.id"


def _customer(party: PartyOrPartyRole, path: str, tables: TmfTables, register: str) -> tuple[RawIdentity, str]:
    """Read the customer's document, and the path of its number."""
    individual, organization = party.individualIdentification, party.organizationIdentification
    if party.type_ == "Individual" and organization is None:
        path, identifications = f"{path}.individualIdentification", individual
    elif party.type_ == "Organization" and individual is None:
        path, identifications = f"{path}.organizationIdentification", organization
    else:  # a reference leads to a directory that we do not have
        raise invalid(f"{path}.@type", "NOT_IN_VOCABULARY")
    if identifications is None:
        raise invalid(path, "REQUIRED")
    document = identifications[0]
    kind = _kind(document, f"{path}.0", tables, is_firm=party.type_ == "Organization")
    issuer = document.issuingAuthority or HOME_ISSUER
    identity = RawIdentity(
        kind=kind,
        number=document.identificationId,
        issuer=issuer if kind is DocumentKind.PASSPORT else HOME_ISSUER,
        household_register=register,
    )
    return identity, f"{path}.0.identificationId"


def _kind(document: Identification, path: str, tables: TmfTables, *, is_firm: bool) -> DocumentKind:
    word = document.identificationType
    if word is None:
        if is_firm:
            return DocumentKind.ENTERPRISE
        raise invalid(f"{path}.identificationType", "REQUIRED")
    kind = tables.identifications.get(word)
    if kind is None or (kind is DocumentKind.ENTERPRISE) is not is_firm:
        raise invalid(f"{path}.identificationType", "NOT_IN_VOCABULARY")
    return kind


def _items(
    request: CheckProductOfferingQualificationRequest, tables: TmfTables, identity: RawIdentity, told: Circumstances
) -> tuple[AskedItem, ...]:
    asked = request.checkProductOfferingQualificationItem
    # The lines of a decision are those of its order: every part that is opened takes some of them.
    of_order = replace(told, lines=len(asked))
    items: list[AskedItem] = []
    for place, each in enumerate(asked):
        service_class = _service_class(each, place, tables)
        common = Application(identity=identity, service_class=service_class, circumstances=of_order)
        items.append(_item(each, place, common, of_order))
    _refuse_repeated([each.item_id for each in items])
    return tuple(items)


def _service_class(item: CheckProductOfferingQualificationItemRequest, place: int, tables: TmfTables) -> ServiceClass:
    found = tables.offerings.get(item.productOffering.id)
    if found is None:
        raise invalid(f"{_ITEMS}.{place}.productOffering.id", "NOT_IN_VOCABULARY")
    return found


def _item(
    item: CheckProductOfferingQualificationItemRequest, place: int, common: Application, told: Circumstances
) -> AskedItem:
    product, offering = item.product, item.productOffering.id
    of_product = None if product is None else product.productOffering
    if of_product is not None and of_product.id != offering:
        raise invalid(f"{_ITEMS}.{place}.product.productOffering.id", "DIFFERS")
    is_further = product is not None and product.id is not None
    address, register = _address(product), common.identity.household_register
    application = replace(
        common,
        identity=replace(common.identity, address=address),
        circumstances=replace(
            told,
            purpose=Purpose.ADD_LINE if is_further else Purpose.NEW_LINE,
            # One source holds of both keys of the household, and only the carrier's own data of a line is PREMISES.
            household_source=HouseholdSource.PREMISES if address and not register else HouseholdSource.DECLARED,
        ),
    )
    return AskedItem(item_id=item.id or str(place + 1), offering=offering, application=application)


def _address(product: ProductRefOrValue | None) -> str:
    return address_line(product.place[0].place) if product is not None and product.place else ""


def _refuse_repeated(ids: Sequence[str]) -> None:
    for place, item_id in enumerate(ids):
        if item_id in ids[:place]:
            raise invalid(f"{_ITEMS}.{place}.id", "REPEATED")
