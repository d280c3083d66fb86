"""The messages that we take of TMF679 v5.0.0 and TMF622 v5.0.0: members that we read, and those that we pass over.

``NOT_READ`` names the members of TM Forum's own schema that change nothing in our question. A member that is in neither
list is refused in a check: it could ask for something else than we answer. An event speaks of somebody else's order, so
that its other members are passed over.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from gateway.local.members import MOST_CHARACTERS, MOST_OF_A_REFERENCE
from protocol.activations import ActivationReason
from protocol.context import MOST_LINES, IdentityCheck
from protocol.messages.context import ConsentText
from protocol.wire.kinds import Items, Key, Note, Text, Whole

CHECK_TYPE: Final = "ClearlineCheckProductOfferingQualification"
"""Our subclass, with the members that TM Forum's class has no place for."""
MOST_ITEMS: Final = 20
MOST_PARTIES: Final = 10
_ANY: Final = r"[^\x00]*"
_NAME: Final = "[A-Za-z][A-Za-z0-9_]*"
_TEXT = Annotated[str, Text(_ANY, most=MOST_CHARACTERS)]
_Word = Annotated[str, Text(_ANY, most=MOST_OF_A_REFERENCE)]
_Type = Annotated[str, Key("@type"), Text(_NAME, most=MOST_OF_A_REFERENCE)]
_Time = Annotated[
    str, Text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.*", most=40), Note("A time of RFC 3339, in any offset from UTC.")
]
_EXTENSIBLE: Final = frozenset({"@baseType", "@schemaLocation"})
_ADDRESSABLE: Final = _EXTENSIBLE | {"id", "href"}
_REF: Final = _EXTENSIBLE | {"href", "name", "@referredType"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRef:
    """The sales channel: its name stands in the carrier's table; its id is the outlet, where the channel has one."""

    NOT_READ: ClassVar[frozenset[str]] = _REF - {"name"}
    type_: _Type
    id: _Word
    name: _Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """A document as it was shown."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE | {"issuingDate", "validFor", "attachment"}
    type_: _Type
    identificationId: _TEXT
    identificationType: Annotated[
        _Word | None, Note("A word of the carrier's table. Absent of an Organization: its ENTERPRISE code.")
    ] = None
    issuingAuthority: Annotated[
        _TEXT | None, Note("Of a passport, the state that issued it (ISO 3166-1 alpha-3). Not read of any other.")
    ] = None


_Identifications = Annotated[tuple[Identification, ...], Items(least=1, most=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyOrPartyRole:
    """A customer is an Individual or an Organization with one identification; of the others the `id` is read."""

    NOT_READ: ClassVar[frozenset[str]] = (_REF | _ADDRESSABLE - {"id"}) | {
        "account", "agreement", "aristocraticTitle", "birthDate", "characteristic", "contactMedium", "countryOfBirth",
        "creditProfile", "creditRating", "deathDate", "description", "disability", "engagedParty", "existsDuring",
        "externalReference", "familyName", "familyNamePrefix", "formattedName", "gender", "generation", "givenName",
        "isHeadOffice", "isLegalEntity", "languageAbility", "legalName", "location", "maritalStatus", "middleName",
        "nameType", "nationality", "organizationChildRelationship", "organizationParentRelationship",
        "organizationType", "otherName", "partyCharacteristic", "partyId", "partyName", "partyRoleSpecification",
        "paymentMethod", "placeOfBirth", "preferredGivenName", "relatedParty", "role", "skill", "status",
        "statusReason", "taxExemptionCertificate", "title", "tradingName", "validFor",
    }  # fmt: skip
    type_: _Type
    id: _Word | None = None
    individualIdentification: _Identifications | None = None
    organizationIdentification: _Identifications | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPartyOrPartyRole:
    """`customer` is there once, `salesAgent` and `dealer` at most once; `requester` and `initiator` are passed over."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE
    type_: _Type
    role: _Word
    partyOrPartyRole: PartyOrPartyRole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOfferingRef:
    """A product offering; its id stands in the carrier's table."""

    NOT_READ: ClassVar[frozenset[str]] = _REF | {"version"}
    type_: _Type
    id: _Word


@dataclass(frozen=True, slots=True, kw_only=True)
class GeographicSubAddressUnit:
    """A room, or a staircase with its rooms."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE
    type_: _Type
    subUnitNumber: _TEXT
    subUnitType: _TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class GeographicSubAddress:
    """Building, floor and units."""

    NOT_READ: ClassVar[frozenset[str]] = _ADDRESSABLE | {"name", "subAddressType"}
    type_: _Type
    buildingName: _TEXT | None = None
    levelNumber: _TEXT | None = None
    levelType: _TEXT | None = None
    privateStreetName: _TEXT | None = None
    privateStreetNumber: _TEXT | None = None
    subUnit: Annotated[tuple[GeographicSubAddressUnit, ...], Items(least=0, most=5)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GeographicAddress:
    """The address of the line, in parts; the whole of it may stand in the parts as a Chinese address is written."""

    NOT_READ: ClassVar[frozenset[str]] = _ADDRESSABLE | {
        "country", "countryCode", "externalIdentifier", "geographicAddressRelationship", "geographicAddressType",
        "geographicLocation", "geographicSite", "name", "postcode",
    }  # fmt: skip
    type_: Annotated[str, Key("@type"), Text("GeographicAddress", most=17)]
    stateOrProvince: _TEXT | None = None
    city: _TEXT | None = None
    locality: _TEXT | None = None
    streetName: _TEXT | None = None
    streetType: _TEXT | None = None
    streetSuffix: _TEXT | None = None
    streetNr: _TEXT | None = None
    streetNrSuffix: _TEXT | None = None
    streetNrLast: _TEXT | None = None
    streetNrLastSuffix: _TEXT | None = None
    geographicSubAddress: Annotated[tuple[GeographicSubAddress, ...], Items(least=0, most=5)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPlaceRefOrValue:
    """The place of the line."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE
    type_: _Type
    role: _Word
    place: GeographicAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRefOrValue:
    """The product: with an `id` the applicant has it already, and asks for a line more."""

    NOT_READ: ClassVar[frozenset[str]] = _REF | {
        "agreementItem", "billingAccount", "creationDate", "description", "intent", "isBundle", "isCustomerVisible",
        "orderDate", "productCharacteristic", "productOrderItem", "productPrice", "productRelationship",
        "productSerialNumber", "productSpecification", "productTerm", "realizingResource", "realizingService",
        "startDate", "status", "terminationDate",
    }  # fmt: skip
    type_: _Type
    id: _TEXT | None = None
    productOffering: Annotated[ProductOfferingRef | None, Note("That of the item.")] = None
    place: Annotated[tuple[RelatedPlaceRefOrValue, ...], Items(least=0, most=1)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProductOfferingQualificationItemRequest:
    """The question whether the customer may have an offering."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE | {
        "category", "expectedActivationDate", "note", "promotion", "qualificationItemRelationship", "terminationError",
    }  # fmt: skip
    type_: _Type
    action: Annotated[str, Text("add", most=3)]
    productOffering: ProductOfferingRef
    id: Annotated[_Word | None, Note("Echoed; absent: the item's place, from 1.")] = None
    product: ProductRefOrValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProductOfferingQualificationRequest:
    """One customer, up to 20 items, and what Clearline needs beside them."""

    NOT_READ: ClassVar[frozenset[str]] = _EXTENSIBLE | {"description", "note"}
    type_: Annotated[str, Key("@type"), Text(CHECK_TYPE, most=len(CHECK_TYPE))]
    checkProductOfferingQualificationItem: Annotated[
        tuple[CheckProductOfferingQualificationItemRequest, ...], Items(least=1, most=MOST_ITEMS)
    ]
    relatedParty: Annotated[tuple[RelatedPartyOrPartyRole, ...], Items(least=1, most=MOST_PARTIES)]
    clearlineOrder: Annotated[_Word, Note("The carrier's number of the order; it stays at the gateway.")]
    clearlineConsent: Annotated[_Word, Note("The carrier's number of the consent record; it stays at the gateway.")]
    clearlineIdentity: IdentityCheck
    clearlineConsentText: Annotated[
        ConsentText | None, Note("Absent: that of `[context]` in the gateway's settings.")
    ] = None
    clearlineHouseholdRegister: Annotated[
        _TEXT | None, Note("The number of the household register. Leave a collective one out.")
    ] = None
    channel: Annotated[ChannelRef | None, Note("Absent: that of `[context]` in the gateway's settings.")] = None
    provideAlternative: bool = False
    provideResultReason: bool = False
    provideOnlyAvailable: Annotated[bool, Note("True is refused: every item is answered.")] = False
    instantSyncQualification: Annotated[bool, Note("False is refused: we are instant.")] = True
    requestedQualificationCompletionDate: Annotated[
        _Time | None, Note("Shortens the time that the check may take; never lengthens it.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalIdentifier:
    """Another number of an order."""

    id: _TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedOffering:
    """The offering of an order's item."""

    id: _TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOrderItem:
    """A line of an order, or several. Items of another action than `add` are passed over."""

    action: _Word | None = None
    state: _Word | None = None
    quantity: Annotated[int, Whole(least=1, most=MOST_LINES)] = 1
    productOffering: OrderedOffering | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOrder:
    """An order, by the number under which it was checked: its own `id`, or one of `externalId`."""

    id: _TEXT
    state: Annotated[
        _Word, Note("`completed`, `cancelled`, `rejected` and `failed` are outcomes; `partial` is told by parts.")
    ]
    externalId: Annotated[tuple[ExternalIdentifier, ...], Items(least=0, most=20)] = ()
    completionDate: _Time | None = None
    cancellationDate: _Time | None = None
    productOrderItem: Annotated[tuple[ProductOrderItem, ...], Items(least=0, most=1000)] = ()
    clearlineReason: ActivationReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOrderStateChangeEventPayload:
    """The order of which an event tells."""

    productOrder: ProductOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductOrderStateChangeEvent:
    """An order has another state now."""

    type_: _Type
    eventId: _TEXT
    event: ProductOrderStateChangeEventPayload
    eventType: Annotated[str, Text("ProductOrderStateChangeEvent", most=28)] | None = None
    eventTime: _Time | None = None
