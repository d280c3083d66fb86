"""Inquiries before an activation, the decisions on them, and quotes."""

from api.schemas.fields import Code, Identifier, Items, Moment, Part, PlainText, StrictSchema, Text, Whole, YesNo
from api.schemas.names import MAX_COUNT, REFERENCE, jws, participant_id, row_id, rules_name
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.encodings import MAX_FEN, MAX_JSON_INTEGER
from protocol.messages.inquiries import MAX_BATCH
from registry.domain.inquiries import MAX_QUOTE_LINES


class InquiryRequestSchema(StrictSchema):
    """May this applicant have this service now? ``inquiry_ref`` is the asker's own reference."""

    inquiry_ref = row_id(required=True)
    tokens = Part(SubjectTokensSchema, required=True)
    service_class = Code(ServiceClass, required=True)


class InquiryBatchSchema(StrictSchema):
    """Up to 1,000 inquiries, answered in order."""

    inquiries = Items(Part(InquiryRequestSchema), least=1, most=MAX_BATCH, required=True)


class QuoteSummarySchema(StrictSchema):
    """What has to be paid first, without the creditors' names; fen."""

    reference = Text(REFERENCE, least=16, most=64, required=True)
    service_classes = Items(Code(ServiceClass), least=1, most=len(ServiceClass), required=True)
    creditors = Whole(least=1, most=MAX_COUNT, required=True)
    principal_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    late_fee_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    costs_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    total_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    valid_until = Moment(required=True)


class InquiryAnswerSchema(StrictSchema):
    """The decision, why, what can be done, and the token that the activation report quotes."""

    inquiry_ref = row_id(required=True)
    inquiry_id = Identifier(required=True)
    decision = Code(DecisionCode, required=True)
    reasons = Items(Code(ReasonCode), least=1, most=len(ReasonCode), required=True)
    remedies = Items(Code(Remedy), least=0, most=len(Remedy), required=True)
    rules_version = rules_name(required=True)
    decided_at = Moment(required=True)
    decision_token = jws(required=True)
    quote = Part(QuoteSummarySchema)


class InquiryAnswersSchema(StrictSchema):
    """The answers to a batch, in its order."""

    answers = Items(Part(InquiryAnswerSchema), least=1, most=MAX_BATCH, required=True)


class QuoteTotalSchema(StrictSchema):
    """What one creditor is owed over all debts of a quote, and how to pay it."""

    creditor = participant_id(required=True)
    creditor_name = PlainText(most=200, required=True)
    how_to_pay = PlainText(most=500, least=0, required=True)
    records = Whole(least=1, most=MAX_COUNT, required=True)
    principal_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    late_fee_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    costs_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    total_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)


class QuoteLineSchema(StrictSchema):
    """One debt of a quote: whom to pay, how, and whether it is settled by now."""

    creditor = participant_id(required=True)
    creditor_name = PlainText(most=200, required=True)
    how_to_pay = PlainText(most=500, least=0, required=True)
    service_class = Code(ServiceClass, required=True)
    principal_fen = Whole(least=0, most=MAX_FEN, required=True)
    late_fee_fen = Whole(least=0, most=MAX_FEN, required=True)
    costs_fen = Whole(least=0, most=MAX_FEN, required=True)
    settled = YesNo(required=True)


class QuoteSchema(StrictSchema):
    """A quote as the holder of its reference sees it: totals of all ``records``, lines of the longest due."""

    reference = Text(REFERENCE, least=16, most=64, required=True)
    quoted_at = Moment(required=True)
    valid_until = Moment(required=True)
    records = Whole(least=1, most=MAX_COUNT, required=True)
    creditors = Items(Part(QuoteTotalSchema), least=1, most=MAX_COUNT, required=True)
    lines = Items(Part(QuoteLineSchema), least=1, most=MAX_QUOTE_LINES, required=True)
    total_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
