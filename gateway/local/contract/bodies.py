"""The bodies that the local service takes: each member with its kind, its bounds and its default.

The readers (gateway/local/requests.py, outcomes.py) take the names of members from here and refuse all others. The
rules between members stand in the description of the operation.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final

from gateway.counter.words import Language
from gateway.identity.documents import HOME_ISSUER
from gateway.local.members import MOST_CHARACTERS, MOST_OF_A_REFERENCE
from protocol.activations import ActivationOutcome, ActivationReason, UncheckedCause
from protocol.codes import ORDERED_KINDS, DisputeGround, RebuttalGround, ServiceClass, SettlementKind
from protocol.context import MOST_LINES, Channel, HouseholdSource, IdentityCheck, Purpose
from protocol.encodings import MAX_FEN
from protocol.grades import ReviewOutcome, ReviewReason
from protocol.identifiers import DocumentKind
from protocol.messages.activations import MOST_DEPOSIT_FEN, MOST_PARTS, MOST_REVISIONS
from protocol.messages.context import ONE_LINE, ConsentText, PlaceCode
from protocol.messages.grades import Tariff
from protocol.messages.limits import MAX_BATCH, MAX_DOCUMENT_BYTES
from protocol.states import Side
from protocol.wire.codec import shape_of
from protocol.wire.fields import Fen, Octets16, Octets32, ParticipantId, Reference
from protocol.wire.kinds import Blob, Code, Items, Note, Text, Whole

_ANY: Final = r"[^\x00]*"
"""Any characters but NUL, which no JSON body of ours may hold."""
_OWN: Final = Note(
    "The carrier's own number, of printable characters; it stays here, and the registry sees a reference."
)
Number = Annotated[str, Text(_ANY, most=MOST_OF_A_REFERENCE), _OWN]
_MaybeNumber = Annotated[str, Text(_ANY, least=0, most=MOST_OF_A_REFERENCE), _OWN]
"""Empty is as good as absent."""
_Optional = Annotated[str, Text(_ANY, least=0, most=MOST_CHARACTERS)]
_Some = Annotated[str, Text(_ANY, most=MOST_CHARACTERS)]
_Lines = Annotated[int, Whole(least=ONE_LINE, most=MOST_LINES)]
_Languages = Annotated[
    tuple[Language, ...], Items(least=1, most=len(Language)), Note("The languages of `texts`, each once.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as it was shown: its kind, its number as printed, and the state that issued it (ISO 3166-1)."""

    kind: DocumentKind
    number: _Some
    issuer: _Optional = HOME_ISSUER


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person or firm at the counter."""

    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Householder(Subject):
    """A person with the home that its document names."""

    household_register: Annotated[_Optional | None, Note("The number of the household register.")] = None
    address: Annotated[_Optional | None, Note("The whole address, down to the flat.")] = None
    collective_household: Annotated[
        bool, Note("A dormitory or another collective register: no home of one family.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest(Householder):
    """An applicant, the service, and why, where and how they apply."""

    service_class: ServiceClass
    reference: Annotated[
        Annotated[str, Text(_ANY, least=0, most=MOST_OF_A_REFERENCE)] | None,
        Note("Echoed in the answer; stands for `order` where that is absent and circumstances are told."),
    ] = None
    purpose: Purpose | None = None
    channel: Annotated[Channel | None, Note("Absent: that of `[context]` in the gateway's settings.")] = None
    identity: Annotated[IdentityCheck | None, Note("How the clerk or the system made sure of the person.")] = None
    consent_text: Annotated[ConsentText | None, Note("Absent: that of `[context]` in the gateway's settings.")] = None
    consent: Number | None = None
    order: Number | None = None
    agent: _MaybeNumber | None = None
    outlet: Annotated[PlaceCode | None, Note("Absent: that of `[context]` in the gateway's settings.")] = None
    dealer: PlaceCode | None = None
    lines: _Lines = ONE_LINE
    port_in: bool = False
    tariff: Annotated[Tariff | None, Note("The tariff that is wanted, by the code in your own credit terms.")] = None
    household_source: HouseholdSource = HouseholdSource.DECLARED
    languages: _Languages = (Language.ZH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOrder:
    """An order by its number."""

    order: Number
    service_class: Annotated[ServiceClass | None, Note("Needed where an order has several services.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckRequest(NamedOrder):
    """An order that is asked about again."""

    languages: _Languages = (Language.ZH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow(NamedOrder):
    """The outcome of an order, or of a part of it."""

    outcome: ActivationOutcome
    at: Annotated[dt.datetime | None, Note("The moment at which it was done; absent: now.")] = None
    part: Annotated[int, Whole(least=1, most=MOST_PARTS)] | None = None
    revision: Annotated[int, Whole(least=1, most=MOST_REVISIONS)] | None = None
    lines: _Lines | None = None
    reason: ActivationReason | None = None
    channel: Channel | None = None
    outlet: PlaceCode | None = None
    dealer: PlaceCode | None = None
    agent: _MaybeNumber | None = None
    approved_by: _MaybeNumber | None = None
    deposit_fen: Annotated[int, Whole(least=1, most=MOST_DEPOSIT_FEN)] | None = None
    unchecked: Annotated[
        UncheckedCause | None, Note("Why an order was not asked about; then `service_class` is needed.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport(OutcomeRow):
    """One outcome, and the languages of its answer."""

    languages: _Languages = (Language.ZH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReport(NamedOrder):
    """A person of the carrier reviewed the decision that a grade made on an order."""

    outcome: ReviewOutcome
    reason: Annotated[ReviewReason, Note("The ground on which the applicant asked.")]
    asked_at: Annotated[dt.datetime, Note("The moment at which the applicant asked.")]
    agent: Annotated[Number, Note("The person who reviewed it.")]
    approved_by: Annotated[_MaybeNumber | None, Note("Of LIFTED: the second person.")] = None
    languages: _Languages = (Language.ZH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReports:
    """Many outcomes, in the order in which they are to be reported."""

    outcomes: Annotated[tuple[OutcomeRow, ...], Items(least=1, most=MAX_BATCH)]
    languages: _Languages = (Language.ZH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment(Subject):
    """A debt to this carrier that was settled."""

    account: _Some
    kind: Annotated[SettlementKind, Code(ORDERED_KINDS)]
    amount_fen: Fen
    settled_at: Annotated[dt.datetime | None, Note("Absent: now. Needed with an Idempotency-Key.")] = None
    waive_rest: Annotated[bool, Note("Only with FULL: gives up the rest of the debt.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """A whole quote that was paid at this carrier's counter."""

    quote_reference: Reference = field(repr=False)
    amount_fen: Annotated[int, Whole(least=1, most=MAX_FEN)]
    collected_at: Annotated[dt.datetime | None, Note("Absent: now. Needed with an Idempotency-Key.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReturned:
    """A deposit of an order that went back, in whole or in part."""

    order: Number
    part: Annotated[int, Whole(least=1, most=MOST_PARTS)] = 1
    fen: Annotated[int, Whole(least=0, most=2 * MOST_DEPOSIT_FEN), Note("Went to the customer.")]
    kept_fen: Annotated[
        int, Whole(least=0, most=2 * MOST_DEPOSIT_FEN), Note("Was set off against undisputed bills.")
    ] = 0
    at: dt.datetime
    service_ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint(Subject):
    """Records that the subject disputes: all open ones, or those of a creditor and a service."""

    ground: DisputeGround
    creditor: ParticipantId | None = None
    service_class: ServiceClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A PDF, PNG or JPEG of at most 2 MiB, in base64url without padding."""

    side: Side = Side.FILER
    content: Annotated[bytes, Blob(most=MAX_DOCUMENT_BYTES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest(Subject):
    """The subject whose statement is asked for."""

    language: Annotated[Language | None, Note("Adds `text`, the statement as a page to print.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation(Householder):
    """A subject that does not belong to the household of its register number or address."""

    ground: RebuttalGround
    evidence_digest: Annotated[Octets32, Note("The SHA-256 of the proof, which the carrier keeps.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawal(Subject):
    """The consent that ends, by the reference in the subject's statement, or all of them: one of the two."""

    consent_ref: Octets16 | None = field(default=None, repr=False)
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandedAttestation(Subject):
    """The carrier that is to attest how the subject pays."""

    participant: ParticipantId


def names_of(body: type) -> frozenset[str]:
    """Return the names of the members that a body may have."""
    return frozenset(each.key for each in shape_of(body).members)
