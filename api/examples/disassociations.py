"""A household rebutted."""

from typing import Any, Final

from api.examples.values import ACCOUNT, AT, ELEMENT, OTHER_ID, TOKENS

NEW_REBUTTAL: Final[dict[str, Any]] = {
    "tokens": {**TOKENS, "household_address": ELEMENT},
    "ground": "MOVED_AWAY",
    "evidence_digest": ACCOUNT,
}
REBUTTAL: Final[dict[str, Any]] = {
    "rebuttal_id": OTHER_ID,
    "state": "HOLDS",
    "households": ["ADDRESS"],
    "ground": "MOVED_AWAY",
    "filed_by": "carrier-b",
    "filed_at": AT,
    "until": "2028-11-21",
    "withdrawn_at": None,
    "rules_version": "2026-01",
}
REBUTTAL_PAGE: Final[dict[str, Any]] = {"rebuttals": [REBUTTAL], "next": None}
