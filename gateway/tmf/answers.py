"""The messages that we give: subsets of TMF679 v5.0.0's, with what an applicant needs beside them."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from gateway.tmf.bodies import CHECK_TYPE, MOST_ITEMS
from gateway.tmf.tables import MOST_OF_AN_OFFERING
from protocol.alternatives import AlternativeKind
from protocol.codes import DecisionCode, ReasonCode, Remedy
from protocol.messages.inquiries import Alternative
from protocol.states import HouseholdKeyState, HouseholdKind
from protocol.wire.fields import Reference
from protocol.wire.kinds import Items, Key, Note, OpenText, Text
from protocol.wire.sums import Yuan

BASE_TYPE: Final = "CheckProductOfferingQualification"
ITEM_TYPE: Final = "ClearlineCheckProductOfferingQualificationItem"
MOST_REASONS: Final = len(ReasonCode) + len(Remedy) + len(HouseholdKind)
_Open = Annotated[str, OpenText()]
_Type = Annotated[str, Key("@type"), Text("[A-Za-z]+", most=64)]
_Sum = Annotated[int, Yuan()]


class TaskState(StrEnum):
    """The states of a check and of an item; a check that cannot be answered is refused."""

    DONE = "done"


class QualificationResult(StrEnum):
    """The result of a check."""

    GREEN = "green"
    """Every item is qualified."""
    YELLOW = "yellow"
    """An item has an alternate."""
    RED = "red"


class ItemResult(StrEnum):
    """The result of one item."""

    QUALIFIED = "qualified"
    ALTERNATE = "alternate"
    UNQUALIFIED = "unqualified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A sum of money."""

    unit: Annotated[str, Text("CNY", most=3)]
    value: _Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The deposit."""

    type_: _Type
    taxIncludedAmount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPrice:
    """A sum that is left once."""

    type_: _Type
    priceType: Annotated[str, Text("deposit", most=7)]
    price: Price


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternateProduct:
    """The terms of an alternate."""

    type_: _Type
    productPrice: Annotated[tuple[ProductPrice, ...], Items(least=1, most=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifiedOffering:
    """A product offering of the carrier's catalogue."""

    type_: _Type
    id: Annotated[str, OpenText()]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternateProductOfferingProposal:
    """An offering that the applicant can have at once instead."""

    type_: _Type
    id: Annotated[str, Text("[0-9]+", most=2)]
    alternateProductOffering: QualifiedOffering
    alternateProduct: AlternateProduct | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityResultReason:
    """A reason, a remedy, or a key of the household by which nobody was looked for; `label` is the applicant's."""

    type_: _Type
    code: Annotated[str, Text("[A-Z_]+", most=64)]
    label: _Open


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearlineQuote:
    """The sum to be paid first. The reference opens the quote: it is the applicant's."""

    reference: Reference = field(repr=False)
    amount: Money
    validUntil: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProductOfferingQualificationItem:
    """The answer to an item."""

    type_: _Type
    id: _Open
    action: Annotated[str, Text("add", most=3)]
    productOffering: QualifiedOffering
    state: TaskState
    qualificationItemResult: ItemResult
    clearlineDecision: DecisionCode
    clearlineInquiry: UUID
    eligibilityResultReason: Annotated[
        tuple[EligibilityResultReason, ...], Items(least=0, most=MOST_REASONS), Note("With `provideResultReason`.")
    ] = ()
    alternateProductOfferingProposal: Annotated[
        tuple[AlternateProductOfferingProposal, ...],
        Items(least=0, most=len(AlternativeKind)),
        Note("With `provideAlternative`."),
    ] = ()
    clearlineQuote: Annotated[ClearlineQuote | None, Note("Not kept: it is in the first answer alone.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckProductOfferingQualification:
    """The answer to a check. No party, place, product or note is repeated."""

    type_: Annotated[str, Key("@type"), Text(CHECK_TYPE, most=len(CHECK_TYPE))]
    base_type: Annotated[str, Key("@baseType"), Text(BASE_TYPE, most=len(BASE_TYPE))]
    id: Annotated[UUID, Note("The inquiry of the first item.")]
    href: _Open
    state: TaskState
    qualificationResult: QualificationResult
    effectiveQualificationDate: dt.datetime
    provideAlternative: bool
    provideResultReason: bool
    checkProductOfferingQualificationItem: Annotated[
        tuple[CheckProductOfferingQualificationItem, ...], Items(least=1, most=MOST_ITEMS)
    ]
    expirationDate: Annotated[dt.datetime | None, Note("Until then the decisions may be acted upon.")] = None
    clearlineOrderKept: Annotated[
        bool | None, Note("Whether the order's number finds these decisions; in the first answer alone.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TmfError:
    """TM Forum's Error: `code` is stable, `message` names members and codes of their faults, never values."""

    type_: Annotated[str, Key("@type"), Text("Error", most=5)]
    code: Annotated[str, Text("[a-z0-9-]+", most=64)]
    reason: _Open
    status: Annotated[str, Text("[45][0-9][0-9]", most=3)]
    message: _Open | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem:
    """The codes of one item's answer, as the file of orders keeps them; nothing that the caller wrote."""

    item: Annotated[str, Text("[0-9]{1,3}", most=3)]
    """The item's id, where that is a number of at most three digits; else its place."""
    offering: Annotated[str, Text(r"[^\x00]*", most=MOST_OF_AN_OFFERING)]
    """A word of the carrier's own table."""
    inquiry: UUID
    decision: DecisionCode
    decided_at: dt.datetime
    register: HouseholdKeyState
    address: HouseholdKeyState
    reasons: Annotated[tuple[ReasonCode, ...], Items(least=0, most=len(ReasonCode))] = ()
    remedies: Annotated[tuple[Remedy, ...], Items(least=0, most=len(Remedy))] = ()
    alternatives: Annotated[tuple[Alternative, ...], Items(least=0, most=len(AlternativeKind))] = ()
    valid_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The codes of a whole answer, as the file of orders keeps them."""

    with_alternatives: bool
    with_reasons: bool
    items: Annotated[tuple[AnsweredItem, ...], Items(least=1, most=MOST_ITEMS)]
