"""Settlements, their receipts, reversals, and clearances."""

from typing import Final

from api.schemas.fields import Code, Identifier, Moment, Octets, Part, StrictSchema, Whole, YesNo
from api.schemas.names import jws, key_id, rules_name
from api.schemas.tokens import SubjectTokensSchema
from protocol.codes import ORDERED_KINDS, ReversalReason
from protocol.encodings import MAX_FEN, MAX_JSON_INTEGER
from protocol.messages.inquiries import ACCOUNT_REF_BYTES
from registry.domain.life import RecordState
from registry.domain.settlements import ClearanceState

SHA256_BYTES: Final = 32


class SettlementOrderSchema(StrictSchema):
    """A creditor's word that a debt is settled, with the statement (compact JWS) that it signed.

    FULL covers what was owed on the Beijing day of ``settled_at``, or gives up the rest with ``waive_rest``.
    """

    tokens = Part(SubjectTokensSchema, required=True)
    account_ref = Octets(length=ACCOUNT_REF_BYTES, required=True)
    kind = Code(ORDERED_KINDS, required=True)
    amount_fen = Whole(least=0, most=MAX_FEN, required=True)
    settled_at = Moment(required=True)
    statement = jws(required=True)
    waive_rest = YesNo()


class SettlementReceiptSchema(StrictSchema):
    """What the settlement did, and the clearance where it was the last blocking record."""

    settlement_id = Identifier(required=True)
    record_id = Identifier(required=True)
    state = Code(RecordState, required=True)
    outstanding_fen = Whole(least=0, most=MAX_JSON_INTEGER, required=True)
    waived_fen = Whole(least=1, most=MAX_JSON_INTEGER)
    clearance_id = Identifier()
    clearance = jws()


class ClearanceSchema(StrictSchema):
    """A clearance: a compact JWS that can be checked offline, and whether it was revoked since."""

    clearance_id = Identifier(required=True)
    issued_at = Moment(required=True)
    state = Code(ClearanceState, required=True)
    revoked_at = Moment(required=True, allow_none=True)
    clearance = jws(required=True)


class ReversalProposalSchema(StrictSchema):
    """Why a payment came undone, and the SHA-256 of the document that shows it, which stays at the creditor."""

    reason = Code(ReversalReason, required=True)
    evidence_digest = Octets(length=SHA256_BYTES, required=True)


class ReversalSchema(StrictSchema):
    """A reversal with the two keys that stand for it; ``record_id`` is told to the creditor alone."""

    reversal_id = Identifier(required=True)
    settlement_id = Identifier(required=True)
    record_id = Identifier(required=True, allow_none=True)
    reason = Code(ReversalReason, required=True)
    evidence_digest = Octets(length=SHA256_BYTES, required=True)
    proposed_at = Moment(required=True)
    proposed_key_id = key_id(required=True)
    confirmed_at = Moment(required=True, allow_none=True)
    confirmed_key_id = key_id(required=True, allow_none=True)
    rules_version = rules_name(required=True)
