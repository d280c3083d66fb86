"""A payment plan."""

from typing import Any, Final

from api.examples.values import AT, OTHER_ID, RECORD_ID

INSTALMENTS: Final = [
    {"due_date": "2026-12-21", "amount_fen": 30_520},
    {"due_date": "2027-01-21", "amount_fen": 30_519},
]
PLAN_ARRANGEMENT: Final[dict[str, Any]] = {"record_id": RECORD_ID, "instalments": INSTALMENTS}
PLAN: Final[dict[str, Any]] = {
    "plan_id": OTHER_ID,
    "record_id": RECORD_ID,
    "state": "RUNNING",
    "instalments": INSTALMENTS,
    "broken_from": "2026-12-27",
    "arranged_at": AT,
    "ended_at": None,
    "rules_version": "2026-01",
}
SHOWN_PLAN: Final[dict[str, Any]] = PLAN | {"creditor": "carrier-a"}
PLAN_PAGE: Final[dict[str, Any]] = {"plans": [SHOWN_PLAN], "next": None}
