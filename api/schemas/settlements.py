"""Settlements, their receipts, and clearances."""

from api.schemas.fields import Code, Identifier, Moment, Octets, Part, StrictSchema, Whole
from api.schemas.names import jws
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import SettlementKind
from protocol.encodings import MAX_FEN
from protocol.messages import ACCOUNT_REF_BYTES
from registry.domain.life import RecordState


class SettlementOrderSchema(StrictSchema):
    """A creditor's word that a debt is settled, with the statement (compact JWS) that it signed."""

    tokens = Part(SubjectTokensSchema, required=True)
    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)
    kind = Code(SettlementKind, required=True)
    amount_fen = Whole(least=0, most=MAX_FEN, required=True)
    settled_at = Moment(required=True)
    statement = jws(required=True)


class SettlementReceiptSchema(StrictSchema):
    """What the settlement did, and the clearance where it was the last blocking record."""

    settlement_id = Identifier(required=True)
    record_id = Identifier(required=True)
    state = Code(RecordState, required=True)
    outstanding_fen = Whole(least=0, most=2**53, required=True)
    clearance_id = Identifier()
    clearance = jws()


class ClearanceSchema(StrictSchema):
    """A clearance: a compact JWS that can be checked offline."""

    clearance_id = Identifier(required=True)
    issued_at = Moment(required=True)
    clearance = jws(required=True)
