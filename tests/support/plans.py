"""Makes payment plans."""

import datetime as dt
import uuid
from typing import Any

from protocol.messages.plans import Instalment
from protocol.states import PlanState
from registry.domain.plans import Plan
from tests.support.builders import NOW, TODAY


def after(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


def instalments(*agreed: tuple[int, int]) -> tuple[Instalment, ...]:
    return tuple(Instalment(due_date=after(days), amount_fen=amount) for days, amount in agreed)


TWO = instalments((30, 100_00), (60, 100_00))


def a_plan(**changes: Any) -> Plan:
    values: dict[str, Any] = {
        "subject_key": b"S" * 16,
        "plan_id": uuid.UUID(int=3),
        "record_id": uuid.UUID(int=1),
        "creditor_id": "carrier-a",
        "state": PlanState.RUNNING,
        "instalments": TWO,
        "paid_before_fen": 20_00,
        "grace_days": 5,
        "broken_from": after(36),
        "arranged_at": NOW,
        "rules_version": "2026-01",
        "log_entry_id": uuid.UUID(int=3),
    }
    return Plan(**(values | changes))
