"""A subject's statement: everything that is held about it, section by section."""

from api.schemas.disassociations import RebuttalSchema
from api.schemas.fields import Code, Day, Identifier, Items, Moment, Part, PlainText, StrictSchema, Text, Whole, YesNo
from api.schemas.names import MAX_COUNT, VISIBLE, participant_id, rules_name
from api.schemas.plans import InstalmentSchema
from api.schemas.red_list import RedListEntrySchema
from api.schemas.tokens import SubjectTokensSchema
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
from protocol.encodings import MAX_FEN, MAX_JSON_INTEGER
from protocol.messages.evidence import MAX_BILLS
from registry.domain.collected import CollectionState
from registry.domain.disputes import MAX_DOCUMENTS, DisputeState
from registry.domain.evidence import DemandState
from registry.domain.life import Action, Party, RecordState
from registry.domain.plans import PlanState
from registry.domain.settlements import ClearanceState
from registry.domain.subjects import HouseholdKind


class StatementRequestSchema(StrictSchema):
    """The subject stands at a counter or a kiosk and asks what is held about it; no household is named."""

    tokens = Part(SubjectTokensSchema, required=True)


class StatementTermsSchema(StrictSchema):
    """The figures of the rules that a reader has to know."""

    free_statements_a_year = Whole(least=0, most=MAX_COUNT, required=True)
    dispute_answer_days = Whole(least=0, most=MAX_COUNT, required=True)
    dispute_close_days = Whole(least=0, most=MAX_COUNT, required=True)
    record_years = Whole(least=0, most=MAX_COUNT, required=True)
    rebuttal_months = Whole(least=0, most=MAX_COUNT, required=True)


class StatedDebtSchema(StrictSchema):
    """What is owed today, in fen."""

    principal_fen = Whole(least=0, most=MAX_FEN, required=True)
    late_fee_fen = Whole(least=0, most=MAX_FEN, required=True)
    costs_fen = Whole(least=0, most=MAX_FEN, required=True)
    total_fen = Whole(least=0, most=3 * MAX_FEN, required=True)


class StatedEventSchema(StrictSchema):
    """One thing that happened to a record, who did it and why."""

    at = Moment(required=True)
    action = Code(Action, required=True)
    state = Code(RecordState, required=True)
    party = Code(Party, required=True)
    by = participant_id(required=True)
    reason = Text(VISIBLE, most=64, required=True)


class StatedRecordSchema(StrictSchema):
    """A record by its number in this statement; ``owed`` is null when nothing is owed here any more.

    ``turn_to`` is the creditor that has the debt now, of a record whose debt was transferred.
    """

    number = Whole(least=1, most=MAX_COUNT, required=True)
    creditor = participant_id(required=True)
    turn_to = participant_id(required=True, allow_none=True)
    service_class = Code(ServiceClass, required=True)
    category = Code(Category, required=True)
    state = Code(RecordState, required=True)
    blocks = YesNo(required=True)
    principal_fen = Whole(least=0, most=MAX_FEN, required=True)
    paid_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    owed = Part(StatedDebtSchema, required=True, allow_none=True)
    due_date = Day(required=True)
    notice_date = Day(required=True)
    notice_channel = Code(NoticeChannel, required=True, allow_none=True)
    enforceable_from = Day(required=True)
    listed_on = Day(required=True)
    expires_on = Day(required=True)
    rules_version = rules_name(required=True)
    history = Items(Part(StatedEventSchema), least=0, most=MAX_COUNT, required=True)


class StatedHouseholdSchema(StrictSchema):
    """A household that a record counts for, or counted for until ``ended_on``; which one it is, is not told."""

    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    kind = Code(HouseholdKind, required=True)
    since = Day(required=True)
    ended_on = Day(required=True, allow_none=True)


class StatedInquirySchema(StrictSchema):
    """Who asked about the subject, when, for what, and what the answer was."""

    participant = participant_id(required=True)
    at = Moment(required=True)
    service_class = Code(ServiceClass, required=True)
    decision = Code(DecisionCode, required=True)
    reasons = Items(Code(ReasonCode), least=0, most=len(ReasonCode), required=True)


class StatedWeightSchema(StrictSchema):
    """Somebody asked about another person of the household, and a record of the subject weighed."""

    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    participant = participant_id(required=True)
    on = Day(required=True)


class StatedTransferSchema(StrictSchema):
    """A debt that is owed to another creditor than before; ``from_record`` is null once the earlier record is gone."""

    record = Whole(least=1, most=MAX_COUNT, required=True)
    from_record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    seller = participant_id(required=True)
    buyer = participant_id(required=True)
    at = Moment(required=True)


class StatedDemandSchema(StrictSchema):
    """A neutral body asked the creditor to show a document; ``bill`` counts from 1."""

    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    demanded_by = participant_id(required=True)
    document = Code(EvidenceDocument, required=True)
    bill = Whole(least=1, most=MAX_BILLS, required=True, allow_none=True)
    demanded_at = Moment(required=True)
    answer_due = Day(required=True)
    state = Code(DemandState, required=True)


class StatedDisputeSchema(StrictSchema):
    """A case with its days; a day that is due is included."""

    dispute_id = Identifier(required=True)
    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    ground = Code(DisputeGround, required=True)
    state = Code(DisputeState, required=True)
    stops_enforcement = YesNo(required=True)
    filed_through = participant_id(required=True)
    filed_on = Day(required=True)
    answer_due = Day(required=True)
    close_due = Day(required=True)
    lapse_due = Day(required=True)
    answer = Code(DisputeAnswer, required=True, allow_none=True)
    outcome = Code(DisputeOutcome, required=True, allow_none=True)
    closed_on = Day(required=True, allow_none=True)
    documents = Whole(least=0, most=2 * MAX_DOCUMENTS, required=True)


class StatedPlanSchema(StrictSchema):
    """Instalments that were agreed for a record."""

    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    state = Code(PlanState, required=True)
    instalments = Items(Part(InstalmentSchema), least=1, most=MAX_COUNT, required=True)
    broken_from = Day(required=True, allow_none=True)
    arranged_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class StatedClearanceSchema(StrictSchema):
    """A clearance that was issued."""

    clearance_id = Identifier(required=True)
    issued_at = Moment(required=True)
    state = Code(ClearanceState, required=True)
    revoked_at = Moment(required=True, allow_none=True)


class StatedCollectionSchema(StrictSchema):
    """A payment at another carrier's counter."""

    record = Whole(least=1, most=MAX_COUNT, required=True, allow_none=True)
    collector = participant_id(required=True)
    creditor = participant_id(required=True)
    amount_fen = Whole(least=0, most=MAX_FEN, required=True)
    collected_at = Moment(required=True)
    state = Code(CollectionState, required=True)
    reversed_at = Moment(required=True, allow_none=True)


class ArchivedRecordSchema(StrictSchema):
    """A closed record that has left the list; its content is destroyed on ``purge_on``."""

    creditor = participant_id(required=True)
    state = Code(RecordState, required=True)
    listed_on = Day(required=True)
    closed_at = Moment(required=True)
    purge_on = Day(required=True)
    purged_at = Moment(required=True, allow_none=True)


class StatedMarkerSchema(StrictSchema):
    """A marker of a stolen identity."""

    set_at = Moment(required=True)
    set_by = participant_id(required=True)
    until = Day(required=True)


class EarlierStatementSchema(StrictSchema):
    """A statement that was given before."""

    statement_id = Identifier(required=True)
    asked_through = participant_id(required=True)
    given_at = Moment(required=True)
    free = YesNo(required=True)


class NamedParticipantSchema(StrictSchema):
    """Whom the sections name: what it is called, and how to pay it or reach it."""

    participant_id = participant_id(required=True)
    name = PlainText(most=200, required=True)
    contact = PlainText(most=500, required=True, allow_none=True)


class StatementSchema(StrictSchema):
    """The statement of one subject; of whom nothing is known, every section is empty."""

    statement_id = Identifier(required=True)
    asked_through = participant_id(required=True)
    given_at = Moment(required=True)
    given_on = Day(required=True)
    free = YesNo(required=True)
    free_left = Whole(least=0, most=MAX_COUNT, required=True)
    rules_version = rules_name(required=True)
    terms = Part(StatementTermsSchema, required=True)
    records = Items(Part(StatedRecordSchema), least=0, most=MAX_COUNT, required=True)
    households = Items(Part(StatedHouseholdSchema), least=0, most=MAX_COUNT, required=True)
    inquiries = Items(Part(StatedInquirySchema), least=0, most=MAX_COUNT, required=True)
    weighed_for_others = Items(Part(StatedWeightSchema), least=0, most=MAX_COUNT, required=True)
    transfers = Items(Part(StatedTransferSchema), least=0, most=MAX_COUNT, required=True)
    disputes = Items(Part(StatedDisputeSchema), least=0, most=MAX_COUNT, required=True)
    evidence_demands = Items(Part(StatedDemandSchema), least=0, most=MAX_COUNT, required=True)
    plans = Items(Part(StatedPlanSchema), least=0, most=MAX_COUNT, required=True)
    collections = Items(Part(StatedCollectionSchema), least=0, most=MAX_COUNT, required=True)
    clearances = Items(Part(StatedClearanceSchema), least=0, most=MAX_COUNT, required=True)
    archived = Items(Part(ArchivedRecordSchema), least=0, most=MAX_COUNT, required=True)
    victim_markers = Items(Part(StatedMarkerSchema), least=0, most=MAX_COUNT, required=True)
    rebuttals = Items(Part(RebuttalSchema), least=0, most=MAX_COUNT, required=True)
    red_list = Items(Part(RedListEntrySchema), least=0, most=MAX_COUNT, required=True)
    earlier_statements = Items(Part(EarlierStatementSchema), least=0, most=MAX_COUNT, required=True)
    participants = Items(Part(NamedParticipantSchema), least=0, most=MAX_COUNT, required=True)
