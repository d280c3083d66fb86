"""Money taken at another carrier's counter, and the month between two."""

from typing import Any, Final

from api.examples.tokens import CLEARANCE_OF_COLLECTION
from api.examples.tokens import COLLECTION as SIGNED
from api.examples.values import AT, OTHER_ID, RECORD_ID, REFERENCE

COLLECTION_ORDER: Final[dict[str, Any]] = {
    "quote_reference": REFERENCE,
    "amount_fen": 61_039,
    "collected_at": AT,
    "statement": SIGNED,
}
ANSWERED_COLLECTION: Final[dict[str, Any]] = {
    "collection_id": OTHER_ID,
    "collector": "carrier-b",
    "creditor": "carrier-a",
    "record_id": RECORD_ID,
    "settlement_id": OTHER_ID,
    "amount_fen": 61_039,
    "collected_at": AT,
    "received_at": AT,
    "confirm_due": "2026-11-24",
    "state": "CONFIRMED",
    "refusal": None,
    "answered_at": AT,
    "reversed_at": None,
    "rules_version": "2026-01",
}
COLLECTION: Final[dict[str, Any]] = {**ANSWERED_COLLECTION, "statement": SIGNED}
COLLECTION_RECEIPT: Final[dict[str, Any]] = {
    "amount_fen": 61_039,
    "collected_at": AT,
    "collections": [{**ANSWERED_COLLECTION, "record_id": None, "state": "TO_CONFIRM", "answered_at": None}],
    "clearances": [{"clearance_id": OTHER_ID, "clearance": CLEARANCE_OF_COLLECTION}],
}
COLLECTION_ANSWER: Final[dict[str, Any]] = {"answer": "REFUSED", "reason": "UNKNOWN_ACCOUNT"}
NET_STATEMENT: Final[dict[str, Any]] = {
    "month": "2026-11",
    "stated_at": AT,
    "directions": [
        {
            "collector": "carrier-a",
            "creditor": "carrier-b",
            "counted": 0,
            "counted_fen": 0,
            "apart": 0,
            "apart_fen": 0,
        },
        {
            "collector": "carrier-b",
            "creditor": "carrier-a",
            "counted": 1,
            "counted_fen": 61_039,
            "apart": 0,
            "apart_fen": 0,
        },
    ],
    "net": {"payer": "carrier-b", "payee": "carrier-a", "amount_fen": 61_039},
    "counted": [
        {
            "collection_id": OTHER_ID,
            "settlement_id": OTHER_ID,
            "collector": "carrier-b",
            "creditor": "carrier-a",
            "amount_fen": 61_039,
            "collected_at": AT,
            "state": "CONFIRMED",
            "refusal": None,
            "reversed_at": None,
            "counts": True,
        }
    ],
    "apart": [],
    "next": None,
}
NET_LINES: Final = (
    "collection_id,settlement_id,collector,creditor,amount_fen,collected_at,state,refusal,reversed_at,counts\r\n"
    f"{OTHER_ID},{OTHER_ID},carrier-b,carrier-a,61039,{AT},CONFIRMED,,,true\r\n"
)
