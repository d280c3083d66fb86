"""Examples of deposits and their returns."""

from typing import Any, Final

from api.examples.values import AT, RECORD_ID

RETURN: Final[dict[str, Any]] = {
    "fen": 90_00,
    "kept_fen": 28_00,
    "kind": "SET_OFF",
    "at": AT,
    "service_ended_on": "2026-11-20",
}
DEPOSIT: Final[dict[str, Any]] = {
    "activation_id": RECORD_ID,
    "order": "Y2xlYXJsaW5lLW9yZGVyMQ",
    "part": 1,
    "service_class": "MOBILE",
    "state": "HELD",
    "fen": 118_00,
    "returned_fen": 0,
    "kept_fen": 0,
    "left_fen": 118_00,
    "taken_on": "2026-11-21",
    "service_ended_on": None,
    "due_on": "2027-11-21",
    "returned_on": None,
    "overdue": False,
}
RETURNED: Final[dict[str, Any]] = DEPOSIT | {
    "state": "RETURNED",
    "returned_fen": 90_00,
    "kept_fen": 28_00,
    "left_fen": 0,
    "service_ended_on": "2026-11-20",
    "due_on": "2026-12-05",
    "returned_on": "2026-11-21",
    "taken_on": "2026-01-21",
}
DEPOSITS: Final[dict[str, Any]] = {"due": 40, "returned_in_time": 38, "deposits": [DEPOSIT], "next": None}
