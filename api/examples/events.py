"""A carrier's events and its webhook."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID

EVENTS: Final[dict[str, Any]] = {
    "events": [
        {
            "position": 41,
            "event_id": OTHER_ID,
            "kind": "RECORD_WITHDRAWN",
            "record_id": None,
            "inquiry_id": OTHER_ID,
            "facts": {"blocks": False},
            "created_at": AT,
        }
    ],
    "next": 41,
    "more": False,
    "oldest": 3,
    "incarnation": 1,
}
NEW_WEBHOOK: Final[dict[str, Any]] = {"url": "https://events.carrier-a.example/clearline", "after": 0}
WEBHOOK: Final[dict[str, Any]] = {
    "participant_id": "carrier-a",
    "url": "https://events.carrier-a.example/clearline",
    "registered_at": AT,
    "position": 140,
    "attempts": 0,
    "next_attempt_at": AT,
    "dead_letters": [
        {"first_position": 41, "last_position": 140, "attempts": 12, "reason": "timeout", "given_up_at": AT}
    ],
}
