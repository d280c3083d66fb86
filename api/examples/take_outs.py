"""A day on which a creditor's rows would take out more records than one key may."""

from typing import Any, Final

from api.examples.values import AT

NEW_CONFIRMATION: Final[dict[str, Any]] = {"day": "2026-11-21", "take_outs": 480}
TAKE_OUTS: Final[dict[str, Any]] = {
    "day": "2026-11-21",
    "open_at_start": 2_000,
    "bound": 20,
    "taken": 20,
    "held": 480,
    "held_key_id": "carrier-a-1",
    "confirmation": None,
}
CONFIRMED: Final[dict[str, Any]] = TAKE_OUTS | {
    "held": 0,
    "held_key_id": None,
    "confirmation": {"take_outs": 480, "unused": 480, "key_id": "carrier-a-2", "confirmed_at": AT},
}
