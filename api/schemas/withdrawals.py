"""Many records taken back at once: by their ids, or by the batch that listed them."""

from api.schemas.fields import Code, Identifier, Items, Part, StrictSchema, Text, Whole, YesNo
from api.schemas.names import MAX_COUNT
from protocol.codes import WithdrawalReason
from protocol.encodings import MAX_JSON_INTEGER
from protocol.messages.inquiries import MAX_BATCH


class ManyWithdrawalsSchema(StrictSchema):
    """Up to 1,000 records of the sender's own, and why they are taken back."""

    record_ids = Items(Identifier(), least=1, most=MAX_BATCH, required=True)
    reason = Code(WithdrawalReason, required=True)


class WithdrawalOutcomeSchema(StrictSchema):
    """The state that the record came to, or the one that it stays in; NOT_FOUND where the sender has none."""

    record_id = Identifier(required=True)
    outcome = Text("[A-Z_]+", most=32, required=True)


class WithdrawalOutcomesSchema(StrictSchema):
    """One outcome an id, in the order of the request, and how many left the list."""

    outcomes = Items(Part(WithdrawalOutcomeSchema), least=1, most=MAX_BATCH, required=True)
    withdrawn = Whole(least=0, most=MAX_BATCH, required=True)


class BatchWithdrawalSchema(StrictSchema):
    """Why a whole batch is taken back."""

    reason = Code(WithdrawalReason, required=True)


class BatchWithdrawalProgressSchema(StrictSchema):
    """Of ``chunks``, ``done`` are taken back; ``left_alone`` counts what the batch named and did not list itself."""

    chunks = Whole(least=0, most=MAX_COUNT, required=True)
    done = Whole(least=0, most=MAX_COUNT, required=True)
    withdrawn = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    left_alone = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    finished = YesNo(required=True)
