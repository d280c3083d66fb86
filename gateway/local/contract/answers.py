"""The answers of the local service: messages of the registry, and what the gateway adds to them or leaves out."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from client.lifeline import PeerState
from gateway.counter.activations import LocalVerdict
from gateway.local.contract.bodies import Number
from protocol.activations import ActivationNote, ActivationVerdict, Basis, Obeyed
from protocol.alternatives import AlternativeKind
from protocol.context import MOST_LINES
from protocol.messages.activations import (
    MOST_PARTS,
    MOST_REVISIONS,
    ActivationAnswer,
)
from protocol.messages.deposits import Deposit
from protocol.messages.grades import GradeReview
from protocol.messages.inquiries import Alternative, InquiryAnswer
from protocol.messages.limits import MAX_BATCH
from protocol.messages.service import FieldError
from protocol.messages.settlements import SettlementReceipt
from protocol.messages.statements import Statement
from protocol.names import MAX_COUNT
from protocol.states import HouseholdKeyState
from protocol.wire.json_schema import Schema, object_of, properties_of, required_of
from protocol.wire.kinds import Code, Items, Note, Nullable, OpenText, Text, Whole

_MOST_SENTENCES: Final = 100
Sentences = Annotated[tuple[Annotated[str, OpenText()], ...], Items(least=0, most=_MOST_SENTENCES)]
_Code = Annotated[str, Text("[a-z-]+", most=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Sentences in their order: the next steps of the clerk, and what the applicant hears or reads."""

    clerk: Sentences
    applicant: Sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenTexts:
    """The sentences in each language that was asked for."""

    zh: Spoken | None = None
    en: Spoken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForTheClerk:
    """Sentences for the clerk alone."""

    clerk: Sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class ClerkTexts:
    """The sentences in each language that was asked for."""

    zh: ForTheClerk | None = None
    en: ForTheClerk | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdKeyStates:
    """The state of each key of the household: asked about, or why not."""

    register: HouseholdKeyState
    address: HouseholdKeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedToADecision:
    """The members of a decision that the gateway adds; ``alternatives`` are empty where there are none."""

    alternatives: Annotated[tuple[Alternative, ...], Items(least=0, most=len(AlternativeKind))]
    household_keys: HouseholdKeyStates = field(repr=False)
    texts: SpokenTexts
    order_kept: Annotated[
        bool | None,
        Note("Whether the order's number finds this decision from now on; absent where no order was named."),
    ] = None
    reference: Annotated[Number | None, Note("That of the request.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedToAReport:
    """The members of the answer to a report that the gateway adds."""

    part: Annotated[int, Whole(least=1, most=MOST_PARTS)]
    revision: Annotated[int, Whole(least=1, most=MOST_REVISIONS)]
    texts: ClerkTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedToAReview:
    """The member of the answer to a review that the gateway adds."""

    texts: ClerkTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedOutcome:
    """The members of a verdict on an outcome that the registry has; a refused one has none of them."""

    basis: Basis | None = None
    obeyed: Obeyed | None = None
    unchecked_lines: Annotated[int, Whole(least=0, most=MOST_LINES)] | None = None
    notes: Annotated[tuple[ActivationNote, ...], Items(least=0, most=len(ActivationNote))] = ()
    log_entry_id: UUID | None = None
    recorded_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeVerdict(NotedOutcome):
    """The verdict on one outcome of many, with the members of a single report where the registry has it."""

    verdict: Annotated[StrEnum, Code((*ActivationVerdict, *LocalVerdict))]
    part: Annotated[int, Whole(least=1, most=MOST_PARTS)] | None = None
    revision: Annotated[int, Whole(least=1, most=MOST_REVISIONS)] | None = None
    activation_id: Annotated[UUID | None, Note("Of REJ_ALREADY_REPORTED: the report that stands.")] = None
    errors: Annotated[tuple[FieldError, ...], Items(least=0, most=MAX_COUNT)] = ()
    texts: ClerkTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeVerdicts:
    """A verdict for each outcome, in their order."""

    verdicts: Annotated[tuple[OutcomeVerdict, ...], Items(least=1, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedToASettlement:
    """The log's receipt of a settlement, where the gateway pinned the log."""

    receipt_pending: bool | None = None
    receipt: Annotated[
        Annotated[str, OpenText()] | None,
        Nullable(),
        Note("The file with the receipt at the gateway; null while there is none."),
    ] = None
    receipt_refused: Annotated[_Code | None, Note("Why the receipt does not hold; the settlement itself stands.")] = (
        None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedToAStatement:
    """The statement as a page to print, where a language was asked for."""

    text: Annotated[str, OpenText()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Custodians:
    """The custodians that answered wrongly since the gateway started, by their index."""

    custodian_faults: Annotated[
        tuple[Annotated[int, Whole(least=1, most=MAX_COUNT)], ...], Items(least=0, most=MAX_COUNT)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive:
    """The process answers."""

    status: Annotated[str, Text("ok", most=2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianReadiness:
    """The end of the last call to a custodian; ``index`` is its place in the committee."""

    index: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    state: PeerState


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalReadiness:
    """The answer of readiness, with the alarms that a person has to look at, by their codes."""

    ready: Annotated[bool, Note("The registry answers, and so many custodians as a check needs.")]
    registry: PeerState
    custodians: Annotated[tuple[CustodianReadiness, ...], Items(least=0, most=MAX_COUNT)]
    alarms: Annotated[tuple[_Code, ...], Items(least=0, most=MAX_COUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """An answer of several messages in one object; a member of a later one stands for that of an earlier one."""

    name: str
    description: str
    parts: tuple[type[Any], ...]
    left_out: frozenset[str] = frozenset()

    def schema(self) -> Schema:
        """Write the schema of the object, open for members of later releases."""
        properties: dict[str, Schema] = {}
        required: frozenset[str] = frozenset()
        for part in self.parts:
            properties |= properties_of(part)
            required |= required_of(part)
        kept = {name: schema for name, schema in properties.items() if name not in self.left_out}
        return object_of(kept, required - self.left_out, closed=False) | {"description": self.description}


DECISION: Final = Merged(
    name="Decision",
    description="The decision on an applicant: codes to act on, and sentences to show in `texts`.",
    parts=(InquiryAnswer, AddedToADecision),
    left_out=frozenset({"inquiry_ref"}),
)
REPORTED: Final = Merged(
    name="ReportedOutcome",
    description="A report that the registry took, and how it stands to the decision.",
    parts=(ActivationAnswer, AddedToAReport),
    left_out=frozenset({"row_id"}),
)
DEPOSIT: Final = Merged(
    name="DepositOfAnOrder",
    description="A deposit as it is now; days are Beijing dates, and `left_fen` is with interest.",
    parts=(Deposit,),
    left_out=frozenset({"order"}),
)
SETTLED: Final = Merged(
    name="Settled",
    description="A settlement that the registry took, the clearance of the last debt, and the log's receipt.",
    parts=(SettlementReceipt, AddedToASettlement),
)
REVIEWED: Final = Merged(
    name="Reviewed",
    description="A review that the registry took.",
    parts=(GradeReview, AddedToAReview),
)
STATED: Final = Merged(
    name="Stated",
    description="Everything that the registry holds of a subject.",
    parts=(Statement, AddedToAStatement),
)
