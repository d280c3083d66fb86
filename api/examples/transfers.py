"""A transfer from its proposal to its acceptance, and a page of records."""

from typing import Any, Final

from api.examples.records import RECORD
from api.examples.values import ACCOUNT, AT, OTHER_ID, RECORD_ID

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
    "lapses_on": "2027-02-19",
    "undo_ends_on": "2027-02-19",
    "undo_by": None,
    "undo_at": None,
    "undo_key_id": None,
    "undone_at": None,
    "undone_key_id": None,
    "rules_version": "2026-01",
    "records": [
        {
            "record_id": RECORD_ID,
            "outcome": "TRANSFERRED",
            "new_record_id": OTHER_ID,
            "undo_outcome": None,
            "undo_record_id": None,
        }
    ],
}
RECORD_PAGE: Final[dict[str, Any]] = {"records": [RECORD | {"account_ref": ACCOUNT, "person_ref": None}], "next": None}
TRANSFER_PAGE: Final[dict[str, Any]] = {"transfers": [TRANSFER], "next": None}
