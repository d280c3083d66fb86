"""Money taken at another carrier's counter, and what two carriers owe each other after a month of it."""

import uuid
from enum import StrEnum

from api.schemas.fields import (
    Code,
    Day,
    Identifier,
    Items,
    Moment,
    Part,
    StrictSchema,
    Text,
    Whole,
    WholeInQuery,
    YesNo,
)
from api.schemas.names import MONTH, REFERENCE, jws, participant_id, rules_name
from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.encodings import MAX_FEN, MAX_JSON_INTEGER
from registry.domain.collected import CollectionState

MAX_LINES = 1_000
MOST = MAX_JSON_INTEGER


class Form(StrEnum):
    """How a net statement is written."""

    JSON = "json"
    CSV = "csv"


class CollectionOrderSchema(StrictSchema):
    """The applicant paid the whole quote at the sender's counter; ``statement`` is the sender's compact JWS on it."""

    quote_reference = Text(REFERENCE, least=16, most=64, required=True)
    amount_fen = Whole(least=1, most=MAX_FEN, required=True)
    collected_at = Moment(required=True)
    statement = jws(required=True)


class CollectionSchema(StrictSchema):
    """One creditor's share of what was collected; ``record_id`` is told to the creditor alone."""

    collection_id = Identifier(required=True)
    collector = participant_id(required=True)
    creditor = participant_id(required=True)
    record_id = Identifier(required=True, allow_none=True)
    settlement_id = Identifier(required=True)
    amount_fen = Whole(least=0, most=MOST, required=True)
    collected_at = Moment(required=True)
    received_at = Moment(required=True)
    confirm_due = Day(required=True)
    state = Code(CollectionState, required=True)
    refusal = Code(CollectionRefusal, required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    reversed_at = Moment(required=True, allow_none=True)
    rules_version = rules_name(required=True)


class SignedCollectionSchema(CollectionSchema):
    """A collection with what the collector signed, which is sealed with the record."""

    statement = jws(required=True, allow_none=True)


class IssuedClearanceSchema(StrictSchema):
    """A clearance as it is issued."""

    clearance_id = Identifier(required=True)
    clearance = jws(required=True)


class CollectionReceiptSchema(StrictSchema):
    """What the collection did: a line for each debt to another carrier, a clearance for whomever nothing blocks now."""

    amount_fen = Whole(least=1, most=MAX_FEN, required=True)
    collected_at = Moment(required=True)
    collections = Items(Part(CollectionSchema), least=0, most=MAX_LINES, required=True)
    clearances = Items(Part(IssuedClearanceSchema), least=0, most=MAX_LINES, required=True)


class CollectionAnswerSchema(StrictSchema):
    """What the creditor says; a refusal, and nothing else, has a reason."""

    answer = Code(CollectionAnswer, required=True)
    reason = Code(CollectionRefusal)


class NetStatementQuerySchema(StrictSchema):
    """Which form, from behind which line, and how many lines."""

    format = Code(Form, load_default=Form.JSON)
    after = Identifier(load_default=uuid.UUID(int=0))
    limit = WholeInQuery(least=1, most=MAX_LINES, load_default=MAX_LINES)


class DirectionSchema(StrictSchema):
    """What one of the two took for the other in the whole month."""

    collector = participant_id(required=True)
    creditor = participant_id(required=True)
    counted = Whole(least=0, most=MOST, required=True)
    counted_fen = Whole(least=0, most=MOST, required=True)
    apart = Whole(least=0, most=MOST, required=True)
    apart_fen = Whole(least=0, most=MOST, required=True)


class NetSchema(StrictSchema):
    """Who owes whom the difference; nobody where both directions are equal."""

    payer = participant_id(required=True, allow_none=True)
    payee = participant_id(required=True, allow_none=True)
    amount_fen = Whole(least=0, most=MOST, required=True)


class NetLineSchema(StrictSchema):
    """One collection; it counts when it was confirmed, by word or by silence, and not reversed."""

    collection_id = Identifier(required=True)
    settlement_id = Identifier(required=True)
    collector = participant_id(required=True)
    creditor = participant_id(required=True)
    amount_fen = Whole(least=0, most=MOST, required=True)
    collected_at = Moment(required=True)
    state = Code(CollectionState, required=True)
    refusal = Code(CollectionRefusal, required=True, allow_none=True)
    reversed_at = Moment(required=True, allow_none=True)
    counts = YesNo(required=True)


class NetStatementSchema(StrictSchema):
    """Sums of the whole month and one page of its lines; ``next`` is what to pass as ``after`` for the next page."""

    month = Text(MONTH, most=7, required=True)
    stated_at = Moment(required=True)
    directions = Items(Part(DirectionSchema), least=2, most=2, required=True)
    net = Part(NetSchema, required=True)
    counted = Items(Part(NetLineSchema), least=0, most=MAX_LINES, required=True)
    apart = Items(Part(NetLineSchema), least=0, most=MAX_LINES, required=True)
    next = Identifier(required=True, allow_none=True)
