"""A settlement, its clearance, and its reversal."""

from typing import Any, Final

from api.examples.tokens import CLEARANCE as SIGNED_CLEARANCE
from api.examples.tokens import SETTLEMENT as SIGNED_SETTLEMENT
from api.examples.values import ACCOUNT, AT, OTHER_ID, RECORD_ID, TOKENS

ORDER: Final[dict[str, Any]] = {
    "tokens": TOKENS,
    "account_ref": ACCOUNT,
    "kind": "FULL",
    "amount_fen": 61_039,
    "settled_at": AT,
    "statement": SIGNED_SETTLEMENT,
}
RECEIPT: Final[dict[str, Any]] = {
    "settlement_id": OTHER_ID,
    "record_id": RECORD_ID,
    "state": "CLEARED",
    "outstanding_fen": 0,
    "clearance_id": OTHER_ID,
    "clearance": SIGNED_CLEARANCE,
}
CLEARANCE: Final[dict[str, Any]] = {
    "clearance_id": OTHER_ID,
    "issued_at": AT,
    "state": "VALID",
    "revoked_at": None,
    "listed_again": False,
    "clearance": SIGNED_CLEARANCE,
}
REVERSAL_PROPOSAL: Final[dict[str, Any]] = {"reason": "CHARGEBACK", "evidence_digest": ACCOUNT}
REVERSAL: Final[dict[str, Any]] = {
    "reversal_id": OTHER_ID,
    "settlement_id": OTHER_ID,
    "record_id": RECORD_ID,
    "reason": "CHARGEBACK",
    "evidence_digest": ACCOUNT,
    "proposed_at": AT,
    "proposed_key_id": "carrier-a-1",
    "confirmed_at": AT,
    "confirmed_key_id": "carrier-a-2",
    "rules_version": "2026-01",
}
SETTLEMENT: Final[dict[str, Any]] = {
    "settlement_id": OTHER_ID,
    "record_id": RECORD_ID,
    "creditor": "carrier-a",
    "kind": "FULL",
    "amount_fen": 61_039,
    "waived_fen": 0,
    "settled_at": AT,
    "received_at": AT,
    "reversed_at": None,
}
SETTLEMENT_PAGE: Final[dict[str, Any]] = {"settlements": [SETTLEMENT], "next": None}
