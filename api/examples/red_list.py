"""An entry of the red list."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID, TOKENS

RED_LIST_PROPOSAL: Final[dict[str, Any]] = {
    "tokens": TOKENS,
    "organisation": True,
    "ground": "HOSPITAL",
    "expires_on": "2027-11-01",
}
RED_LIST_ENTRY: Final[dict[str, Any]] = {
    "entry_id": OTHER_ID,
    "state": "EFFECTIVE",
    "ground": "HOSPITAL",
    "proposed_by": "carrier-a",
    "proposed_at": AT,
    "expires_on": "2027-11-01",
    "rules_version": "2026-01",
    "approvals": [
        {"participant_id": "operator", "approved_at": AT},
        {"participant_id": "regulator", "approved_at": AT},
    ],
    "revoked_at": None,
}
RED_LIST_PAGE: Final[dict[str, Any]] = {"entries": [RED_LIST_ENTRY], "next": None}
