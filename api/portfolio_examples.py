"""Made-up values, as in ``api/examples.py``: records in bulk, taken back or handed on."""

from typing import Any, Final

from api.examples import ACCOUNT, AT, OTHER_ID, RECORD, RECORD_ID

MANY_WITHDRAWALS: Final[dict[str, Any]] = {"record_ids": [RECORD_ID, OTHER_ID], "reason": "REPORTED_IN_ERROR"}
WITHDRAWAL_OUTCOMES: Final[dict[str, Any]] = {
    "outcomes": [
        {"record_id": RECORD_ID, "outcome": "WITHDRAWN"},
        {"record_id": OTHER_ID, "outcome": "NOT_FOUND"},
    ],
    "withdrawn": 1,
}
BATCH_WITHDRAWAL: Final[dict[str, Any]] = {"reason": "REPORTED_IN_ERROR"}
BATCH_WITHDRAWAL_PROGRESS: Final[dict[str, Any]] = {
    "chunks": 64,
    "done": 10,
    "withdrawn": 9_990,
    "left_alone": 10,
    "finished": False,
}
NEW_TRANSFER: Final[dict[str, Any]] = {"to": "carrier-b", "ground": "SALE", "record_ids": [RECORD_ID]}
ACCEPTANCE: Final[dict[str, Any]] = {"accounts": [{"record_id": RECORD_ID, "account_ref": ACCOUNT}]}
TRANSFER: Final[dict[str, Any]] = {
    "transfer_id": OTHER_ID,
    "state": "ACCEPTED",
    "ground": "SALE",
    "seller": "carrier-a",
    "buyer": "carrier-b",
    "proposed_at": AT,
    "proposed_key_id": "carrier-a-1",
    "confirmed_at": AT,
    "confirmed_key_id": "carrier-a-2",
    "ended_at": AT,
    "ended_key_id": "carrier-b-1",
    "rules_version": "2026-01",
    "records": [{"record_id": RECORD_ID, "outcome": "TRANSFERRED", "new_record_id": OTHER_ID}],
}
RECORD_PAGE: Final[dict[str, Any]] = {"records": [RECORD | {"account_ref": ACCOUNT}], "next": None}
