"""A subject's statement: everything that is held about it, section by section."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from protocol.activations import ActivationOutcome, ActivationReason, Basis
from protocol.codes import (
    Category,
    DecisionCode,
    DisputeAnswer,
    DisputeGround,
    DisputeOutcome,
    EvidenceDocument,
    NoticeChannel,
    ReasonCode,
    ServiceClass,
)
from protocol.context import Channel, Purpose
from protocol.encodings import MAX_FEN
from protocol.grades import Grade
from protocol.messages.attestations import StatedAttestation, StatedAttestationDemand
from protocol.messages.context import PlaceCode
from protocol.messages.deposits import StatedDeposit
from protocol.messages.disassociations import Rebuttal
from protocol.messages.grades import StatedGrade, StatedReview
from protocol.messages.limits import MAX_BILLS, MAX_DOCUMENTS
from protocol.messages.plans import Instalment
from protocol.messages.red_list import RedListEntry
from protocol.messages.settlements import StatedClearance, StatedPayment
from protocol.messages.tokens import SubjectTokens
from protocol.names import MAX_COUNT, VISIBLE
from protocol.states import (
    Action,
    CollectionState,
    DemandState,
    DisputeState,
    HouseholdKind,
    Party,
    PlanState,
    RecordState,
)
from protocol.wire.fields import Count, Fen, ParticipantId, RulesName, Sum
from protocol.wire.kinds import Added, Items, PlainText, Text, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest:
    """The subject stands at a counter or a kiosk and asks what is held about it; no household is named."""

    tokens: SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementTerms:
    """The figures of the rules that a reader has to know."""

    free_statements_a_year: Count
    dispute_answer_days: Count
    dispute_close_days: Count
    record_years: Count
    rebuttal_months: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDebt:
    """The debt of today, in fen."""

    principal_fen: Fen
    late_fee_fen: Fen
    costs_fen: Fen
    total_fen: Annotated[int, Whole(least=0, most=3 * MAX_FEN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEvent:
    """One event of a record, its actor and its reason."""

    at: dt.datetime
    action: Action
    state: RecordState
    party: Party
    by: ParticipantId
    reason: Annotated[str, Text(VISIBLE, most=64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRecord:
    """A record by its number in this statement; ``owed`` is null when nothing is owed here any more.

    ``turn_to`` is the creditor that has the debt now, of a record whose debt was transferred.
    """

    number: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    creditor: ParticipantId
    turn_to: ParticipantId | None
    service_class: ServiceClass
    category: Category
    state: RecordState
    blocks: bool
    principal_fen: Fen
    paid_fen: Sum
    owed: StatedDebt | None
    due_date: dt.date
    notice_date: dt.date
    notice_channel: NoticeChannel | None
    enforceable_from: dt.date
    listed_on: dt.date
    expires_on: dt.date
    rules_version: RulesName
    history: Annotated[tuple[StatedEvent, ...], Items(least=0, most=MAX_COUNT)]
    payments: Annotated[tuple[StatedPayment, ...], Items(least=0, most=MAX_COUNT)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHousehold:
    """A household that a record counts for, or counted for until ``ended_on``; the household is not named."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    kind: HouseholdKind
    since: dt.date
    ended_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedRecheck:
    """The inquirer asked again whether anything had changed, and this was the answer."""

    at: dt.datetime
    decision: DecisionCode
    reasons: Annotated[tuple[ReasonCode, ...], Items(least=0, most=len(ReasonCode))]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedActivation:
    """The inquirer's word on what followed: the newest of each part of its order, and each one before it."""

    part: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    revision: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    outcome: ActivationOutcome
    reason: ActivationReason | None
    basis: Basis
    lines: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    at: dt.datetime
    reported_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedInquiry:
    """An inquiry about the subject: the inquirer, the time, the service, the answer, and why and where it was asked.

    Purpose, channel and outlet are those of its context, and absent where the inquirer gave none.
    """

    participant: ParticipantId
    at: dt.datetime
    service_class: ServiceClass
    decision: DecisionCode
    reasons: Annotated[tuple[ReasonCode, ...], Items(least=0, most=len(ReasonCode))]
    purpose: Purpose | None = None
    channel: Channel | None = None
    outlet: PlaceCode | None = None
    grade: Grade | None = None
    """The letter that its asker was told."""
    rechecks: Annotated[tuple[StatedRecheck, ...], Items(least=0, most=MAX_COUNT)] = ()
    activations: Annotated[tuple[StatedActivation, ...], Items(least=0, most=MAX_COUNT)] = ()
    reviews: Annotated[tuple[StatedReview, ...], Items(least=0, most=MAX_COUNT)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedWeight:
    """An inquiry about another person of the household in which a record of the subject weighed."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    participant: ParticipantId
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTransfer:
    """A debt that is owed to another creditor than before; ``from_record`` is null once the earlier record is gone."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    from_record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    seller: ParticipantId
    buyer: ParticipantId
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDemand:
    """A neutral body asked the creditor to show a document; ``bill`` counts from 1."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    demanded_by: ParticipantId
    document: EvidenceDocument
    bill: Annotated[int, Whole(least=1, most=MAX_BILLS)] | None
    demanded_at: dt.datetime
    answer_due: dt.date
    state: DemandState


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDispute:
    """A case with its days; a day that is due is included."""

    dispute_id: UUID
    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    ground: DisputeGround
    state: DisputeState
    stops_enforcement: bool
    filed_through: ParticipantId
    filed_on: dt.date
    answer_due: dt.date
    close_due: dt.date
    lapse_due: dt.date
    answer: DisputeAnswer | None
    outcome: DisputeOutcome | None
    closed_on: dt.date | None
    documents: Annotated[int, Whole(least=0, most=2 * MAX_DOCUMENTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPlan:
    """Instalments that were agreed for a record."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    state: PlanState
    instalments: Annotated[tuple[Instalment, ...], Items(least=1, most=MAX_COUNT)]
    broken_from: dt.date | None
    arranged_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCollection:
    """A payment at another carrier's counter."""

    record: Annotated[int, Whole(least=1, most=MAX_COUNT)] | None
    collector: ParticipantId
    creditor: ParticipantId
    amount_fen: Fen
    collected_at: dt.datetime
    state: CollectionState
    reversed_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRecord:
    """A closed record that has left the list; its content is destroyed on ``purge_on``."""

    creditor: ParticipantId
    state: RecordState
    listed_on: dt.date
    closed_at: dt.datetime
    purge_on: dt.date
    purged_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMarker:
    """A marker of a stolen identity."""

    set_at: dt.datetime
    set_by: ParticipantId
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierStatement:
    """A statement that was given before."""

    statement_id: UUID
    asked_through: ParticipantId
    given_at: dt.datetime
    free: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedParticipant:
    """A participant that the sections name, with its name, its payment details and its contact."""

    participant_id: ParticipantId
    name: Annotated[str, PlainText(most=200)]
    contact: Annotated[str, PlainText(most=500)] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement of one subject; for an unknown subject every section is empty."""

    statement_id: UUID
    asked_through: ParticipantId
    given_at: dt.datetime
    given_on: dt.date
    free: bool
    free_left: Count
    rules_version: RulesName
    terms: StatementTerms
    records: Annotated[tuple[StatedRecord, ...], Items(least=0, most=MAX_COUNT)]
    households: Annotated[tuple[StatedHousehold, ...], Items(least=0, most=MAX_COUNT)]
    inquiries: Annotated[tuple[StatedInquiry, ...], Items(least=0, most=MAX_COUNT)]
    weighed_for_others: Annotated[tuple[StatedWeight, ...], Items(least=0, most=MAX_COUNT)]
    transfers: Annotated[tuple[StatedTransfer, ...], Items(least=0, most=MAX_COUNT)]
    disputes: Annotated[tuple[StatedDispute, ...], Items(least=0, most=MAX_COUNT)]
    evidence_demands: Annotated[tuple[StatedDemand, ...], Items(least=0, most=MAX_COUNT)]
    plans: Annotated[tuple[StatedPlan, ...], Items(least=0, most=MAX_COUNT)]
    collections: Annotated[tuple[StatedCollection, ...], Items(least=0, most=MAX_COUNT)]
    clearances: Annotated[tuple[StatedClearance, ...], Items(least=0, most=MAX_COUNT)]
    deposits: Annotated[tuple[StatedDeposit, ...], Items(least=0, most=MAX_COUNT), Added(())]
    archived: Annotated[tuple[ArchivedRecord, ...], Items(least=0, most=MAX_COUNT)]
    victim_markers: Annotated[tuple[StatedMarker, ...], Items(least=0, most=MAX_COUNT)]
    rebuttals: Annotated[tuple[Rebuttal, ...], Items(least=0, most=MAX_COUNT)]
    red_list: Annotated[tuple[RedListEntry, ...], Items(least=0, most=MAX_COUNT)]
    attestations: Annotated[tuple[StatedAttestation, ...], Items(least=0, most=MAX_COUNT), Added([])]
    attestation_demands: Annotated[tuple[StatedAttestationDemand, ...], Items(least=0, most=MAX_COUNT), Added([])]
    earlier_statements: Annotated[tuple[EarlierStatement, ...], Items(least=0, most=MAX_COUNT)]
    participants: Annotated[tuple[NamedParticipant, ...], Items(least=0, most=MAX_COUNT)]
    grade: StatedGrade | None = None
