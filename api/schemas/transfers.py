"""Debts that change hands, and a creditor's list of its own records."""

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Octets, Part, StrictSchema, WholeInQuery
from api.schemas.names import key_id, participant_id, rules_name
from api.schemas.records import RecordSchema
from protocol.codes import TransferGround, TransferOutcome
from protocol.messages.inquiries import ACCOUNT_REF_BYTES, MAX_BATCH, PERSON_REF_BYTES
from registry.domain.life import RecordState
from registry.domain.transfers import TransferState


class NewTransferSchema(StrictSchema):
    """Up to 1,000 ACTIVE records of the sender's own, to whom they go, and why."""

    to = participant_id(required=True)
    ground = Code(TransferGround, required=True)
    record_ids = Items(Identifier(), least=1, most=MAX_BATCH, required=True)


class NewAccountSchema(StrictSchema):
    """The buyer's own keyed reference of the account that a record stands on from now on."""

    record_id = Identifier(required=True)
    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)


class AcceptanceSchema(StrictSchema):
    """The buyer's accounts; a record without one stays with the seller."""

    accounts = Items(Part(NewAccountSchema), least=1, most=MAX_BATCH, required=True)


class TransferItemSchema(StrictSchema):
    """One record of a transfer; what became of it is null until the buyer accepts, and until that is undone."""

    record_id = Identifier(required=True)
    outcome = Code(TransferOutcome, required=True, allow_none=True)
    new_record_id = Identifier(required=True, allow_none=True)
    undo_outcome = Code(TransferOutcome, required=True, allow_none=True)
    undo_record_id = Identifier(required=True, allow_none=True)


class TransferSchema(StrictSchema):
    """A transfer with the keys that stand for it; neither a pseudonym nor an account reference is in it."""

    transfer_id = Identifier(required=True)
    state = Code(TransferState, required=True)
    ground = Code(TransferGround, required=True)
    seller = participant_id(required=True)
    buyer = participant_id(required=True)
    proposed_at = Moment(required=True)
    proposed_key_id = key_id(required=True)
    confirmed_at = Moment(required=True, allow_none=True)
    confirmed_key_id = key_id(required=True, allow_none=True)
    ended_at = Moment(required=True, allow_none=True)
    ended_key_id = key_id(required=True, allow_none=True)
    lapses_on = Day(required=True)
    undo_ends_on = Day(required=True, allow_none=True)
    undo_by = participant_id(required=True, allow_none=True)
    undo_at = Moment(required=True, allow_none=True)
    undo_key_id = key_id(required=True, allow_none=True)
    undone_at = Moment(required=True, allow_none=True)
    undone_key_id = key_id(required=True, allow_none=True)
    rules_version = rules_name(required=True)
    records = Items(Part(TransferItemSchema), least=1, most=MAX_BATCH, required=True)


class RecordsQuerySchema(StrictSchema):
    """Which of the sender's records, behind which one, and how many."""

    state = Code(RecordState)
    after = Identifier()
    limit = WholeInQuery(least=1, most=MAX_BATCH, load_default=500)


class ListedRecordSchema(RecordSchema):
    """A record with the creditor's own references of its account, and of the account's person where it gave one."""

    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)
    person_ref = Octets(length=PERSON_REF_BYTES, required=True, allow_none=True)


class RecordPageSchema(StrictSchema):
    """A page of the sender's records; ``next`` is what to pass as ``after``, null on the last page."""

    records = Items(Part(ListedRecordSchema), least=0, most=MAX_BATCH, required=True)
    next = Identifier(required=True, allow_none=True)
