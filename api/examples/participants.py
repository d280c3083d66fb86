"""Participants and their keys."""

from typing import Any, Final

from api.examples.values import ACCOUNT, AT

NEW_KEY: Final[dict[str, Any]] = {
    "key_id": "carrier-a-2",
    "public_key": "S-reKyM0MLlxi6rOzw_gUcsiogtteaWp_FrYc4ji9zw",
}
NEW_PARTICIPANT: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "name": "Carrier A",
    "roles": ["REPORTER", "INQUIRER"],
    "contact": "Any shop of Carrier A, or 10000",
    "key_id": "carrier-a-1",
    "public_key": ACCOUNT,
}
PARTICIPANT: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "name": "Carrier A",
    "roles": ["INQUIRER", "REPORTER"],
    "contact": "Any shop of Carrier A, or 10000",
    "created_at": AT,
    "left_at": None,
    "keys": [{"key_id": "carrier-a-1", "public_key": ACCOUNT, "added_at": AT, "revoked_at": None}],
}
PARTICIPANTS: Final[dict[str, Any]] = {"participants": [PARTICIPANT], "next": None}
