"""Messages of TM Forum's as a carrier's systems write them, and the carrier's words in them."""

import copy
from typing import Any

from gateway.tmf.answers import BASE_TYPE
from gateway.tmf.bodies import CHECK_TYPE
from gateway.tmf.results import ROOT
from gateway.tmf.tables import TmfTables
from protocol.codes import ServiceClass
from protocol.context import Channel
from protocol.identifiers import DocumentKind
from tests.support.local import NUMBER

TABLES = TmfTables(
    identifications={
        "nationalIdentityCard": DocumentKind.RESIDENT_ID,
        "passport": DocumentKind.PASSPORT,
        "creditCode": DocumentKind.ENTERPRISE,
    },
    offerings={
        "MOBILE-129": ServiceClass.MOBILE,
        "FIBRE-500": ServiceClass.BROADBAND,
        "TV": ServiceClass.IPTV,
    },
    channels={"Shop": Channel.OUTLET, "Web": Channel.ONLINE, "Partner": Channel.DEALER},
    prepaid={ServiceClass.MOBILE: "MOBILE-PREPAID"},
    deposit={ServiceClass.BROADBAND: "FIBRE-500-DEPOSIT", ServiceClass.MOBILE: "MOBILE-129-DEPOSIT"},
)
CHECK = ROOT
LISTENER = "/listener/productOrderStateChangeEvent"
ADDRESS = {
    "@type": "GeographicAddress",
    "stateOrProvince": "湖北省",
    "city": "武汉市",
    "locality": "洪山区",
    "streetName": "珞喻路",
    "streetNr": "1037",
    "geographicSubAddress": [
        {
            "@type": "GeographicSubAddress",
            "buildingName": "7栋",
            "subUnit": [
                {"@type": "GeographicSubAddressUnit", "subUnitType": "ROOM", "subUnitNumber": "802"},
                {"@type": "GeographicSubAddressUnit", "subUnitType": "UNIT", "subUnitNumber": "2"},
            ],
        }
    ],
}


def party(role: str, **members: Any) -> dict[str, Any]:
    return {"@type": "RelatedPartyOrPartyRole", "role": role, "partyOrPartyRole": members}


def customer(number: str = NUMBER, word: str = "nationalIdentityCard", **members: Any) -> dict[str, Any]:
    shown = {"@type": "IndividualIdentification", "identificationType": word, "identificationId": number}
    return party("customer", **{"@type": "Individual", "individualIdentification": [shown | members]})


def item(offering: str = "MOBILE-129", **members: Any) -> dict[str, Any]:
    asked = {
        "@type": "CheckProductOfferingQualificationItem",
        "id": "1",
        "action": "add",
        "productOffering": {"@type": "ProductOfferingRef", "id": offering},
    }
    return asked | members


def product(**members: Any) -> dict[str, Any]:
    return {"@type": "Product"} | members


def placed(**members: Any) -> list[dict[str, Any]]:
    place = copy.deepcopy(ADDRESS) | members
    return [{"@type": "RelatedPlaceRefOrValue", "role": "installation", "place": place}]


AGENT = party("salesAgent", **{"@type": "PartyRef", "id": "A-017"})


def a_check(*items: dict[str, Any], parties: Any = None, **members: Any) -> dict[str, Any]:
    """A check of resident 1 at a counter, of a mobile line where nothing else is named."""
    asked: dict[str, Any] = {
        "@type": CHECK_TYPE,
        "@baseType": BASE_TYPE,
        "clearlineOrder": "ORDER-1",
        "clearlineConsent": "consent record 9",
        "clearlineConsentText": "standard-1",
        "clearlineIdentity": "READER",
        "channel": {"@type": "ChannelRef", "id": "SH-PD-0123", "name": "Shop"},
        "provideAlternative": True,
        "provideResultReason": True,
        "relatedParty": [customer(), AGENT] if parties is None else list(parties),
        "checkProductOfferingQualificationItem": list(items) or [item()],
    }
    return asked | members


def an_event(state: str = "completed", event_id: str = "event-1", **order: Any) -> dict[str, Any]:
    """An event of the order that ``a_check`` asks about."""
    return {
        "@type": "ProductOrderStateChangeEvent",
        "eventId": event_id,
        "event": {"productOrder": {"@type": "ProductOrder", "id": "ORDER-1", "state": state} | order},
    }


def ordered(offering: str, **members: Any) -> dict[str, Any]:
    return {"@type": "ProductOrderItem", "id": "1", "productOffering": {"id": offering}} | members
