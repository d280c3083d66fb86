"""Reports of defaulted accounts, their verdicts, and what a creditor sees of its own record."""

from typing import Final

from marshmallow import fields

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Octets, Part, StrictSchema, Text, Whole, YesNo
from api.schemas.names import IDEMPOTENCY_KEY, MAX_COUNT, dealer, row_id, rules_name
from api.schemas.steps import VersionedSchema
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import (
    Category,
    ConfirmationOutcome,
    NoticeChannel,
    ServiceClass,
    Verdict,
    WithdrawalReason,
)
from protocol.encodings import MAX_DEBT_FEN, MAX_FEN, MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST
from protocol.messages.evidence import DIGEST_BYTES, MAX_BILLS
from protocol.messages.inquiries import ACCOUNT_REF_BYTES, PERSON_REF_BYTES
from protocol.messages.records import RowNote
from registry.domain.life import RecordState

MAX_CONFIRMATIONS: Final = 1_000


class EvidenceSchema(StrictSchema):
    """Salted digests of the documents that the creditor keeps, see docs/spec/evidence.md."""

    contract_date = Day(required=True)
    notice_at = Moment(required=True)
    bills = Items(Octets(length=DIGEST_BYTES), least=1, most=MAX_BILLS, required=True)
    notice = Octets(length=DIGEST_BYTES, required=True)
    contract = Octets(length=DIGEST_BYTES, required=True)


class RefusedRowSchema(StrictSchema):
    """A row of a batch that its gateway refuses, about an account with an open record: no token, no figure."""

    row_id = row_id(required=True)
    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)
    code = Code(Verdict, required=True)
    withdraws = YesNo(required=True)
    due_date = Day()
    former_account_ref = Octets(length=ACCOUNT_REF_BYTES)


class RecordReportSchema(StrictSchema):
    """One defaulted account: money in fen, dates of China's civil calendar."""

    row_id = row_id(required=True)
    tokens = Part(SubjectTokensSchema, required=True)
    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)
    service_class = Code(ServiceClass, required=True)
    category = Code(Category, required=True)
    principal_fen = Whole(least=0, most=MAX_DEBT_FEN, required=True)
    due_date = Day(required=True)
    debtor_of_age = YesNo(required=True)
    costs_fen = Whole(least=0, most=MAX_DEBT_FEN)
    suspended_on = Day()
    ended_on = Day()
    notice_date = Day()
    notice_channel = Code(NoticeChannel)
    dealer = dealer()
    evidence = Part(EvidenceSchema)
    former_account_ref = Octets(length=ACCOUNT_REF_BYTES)
    collective_household = YesNo()
    person_ref = Octets(length=PERSON_REF_BYTES)


class RowVerdictSchema(StrictSchema):
    """What became of one reported row."""

    row_id = row_id(required=True)
    verdict = Code(Verdict, required=True)
    record_id = Identifier()
    enforceable_from = Day()
    rules_version = rules_name()
    reason = Code(Verdict)
    notes = Items(Code(RowNote), least=1, most=len(RowNote))
    withdrew = Items(Identifier(), least=1, most=MAX_COUNT)


class RecordSchema(StrictSchema):
    """A record as its creditor sees it: neither a pseudonym nor an account reference."""

    record_id = Identifier(required=True)
    state = Code(RecordState, required=True)
    version = Whole(least=0, most=MAX_COUNT, required=True)
    service_class = Code(ServiceClass, required=True)
    category = Code(Category, required=True)
    principal_fen = Whole(least=1, most=MAX_FEN, required=True)
    costs_fen = Whole(least=0, most=MAX_FEN, required=True)
    paid_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    due_date = Day(required=True)
    notice_date = Day(required=True)
    enforceable_from = Day(required=True)
    origin_record_id = Identifier(required=True, allow_none=True)
    rules_version = rules_name(required=True)
    received_at = Moment(required=True)
    state_since = Moment(required=True)


class WithdrawalSchema(VersionedSchema):
    """Why a creditor takes its record back; with ``expected_version`` only if nobody changed it meanwhile."""

    reason = Code(WithdrawalReason, required=True)


class ConfirmationsSchema(StrictSchema):
    """Records of the sender's own that are still unpaid."""

    record_ids = Items(Identifier(), least=1, most=MAX_CONFIRMATIONS, required=True)


class ConfirmationSchema(StrictSchema):
    """What became of one confirmation."""

    record_id = Identifier(required=True)
    outcome = Code(ConfirmationOutcome, required=True)


class ConfirmationsAnswerSchema(StrictSchema):
    """What became of each, in order."""

    confirmations = Items(Part(ConfirmationSchema), least=1, most=MAX_CONFIRMATIONS, required=True)


class BatchProgressSchema(StrictSchema):
    """How much of a batch is committed."""

    batch_key = Text(IDEMPOTENCY_KEY, most=128, required=True)
    chunks = Whole(least=0, most=MAX_COUNT, required=True)
    rows = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    incarnation = Whole(least=FIRST, most=MOST, required=True)


class BatchLineSchema(StrictSchema):
    """One line of a batch's answer: a verdict, or one of the two closing lines (see docs/spec/record-batches.md)."""

    row_id = row_id()
    verdict = Code(Verdict)
    record_id = Identifier()
    enforceable_from = Day()
    rules_version = rules_name()
    reason = Code(Verdict)
    notes = Items(Code(RowNote), least=1, most=len(RowNote))
    withdrew = Items(Identifier(), least=1, most=MAX_COUNT)
    end = YesNo()
    rows = Whole(least=0, most=MAX_JSON_INTEGER)
    chunks = Whole(least=0, most=MAX_COUNT)
    problem = fields.Dict(keys=fields.String())
