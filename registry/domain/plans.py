"""An instalment plan has agreed dates and amounts; while it is kept, its record neither blocks nor gains late fees."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.messages.plans import Instalment
from protocol.problems import FieldCode
from protocol.states import PlanState
from registry.domain.money import is_settled
from registry.domain.months import months_on

FIRST_WITHIN_MONTHS: Final = 12
LAST_WITHIN_MONTHS: Final = 60


class PlanInvalid(Exception):
    """The instalments are no plan for the debt; ``code`` is the reason."""

    def __init__(self, code: FieldCode) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan for one record."""

    subject_key: bytes = field(repr=False)
    plan_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    state: PlanState
    instalments: tuple[Instalment, ...]
    paid_before_fen: int
    """The sum of earlier payments on the record: it fills no instalment."""
    grace_days: int
    broken_from: dt.date | None
    """The first Beijing date on which the plan is broken without a payment; None if no instalment is open."""
    arranged_at: dt.datetime
    ended_at: dt.datetime | None = None
    rules_version: str
    log_entry_id: uuid.UUID


def check_instalments(instalments: Sequence[Instalment], owed_fen: int, today: dt.date) -> None:
    """Raise PlanInvalid unless the instalments follow each other from today on and cover the debt.

    The first one is due within a year, so that no plan takes a debt off the list for years without a payment, and the
    last one within five years, the longest time for which any record is listed.
    """
    dates = [each.due_date for each in instalments]
    if not dates or dates != sorted(set(dates)):
        raise PlanInvalid(FieldCode.OUT_OF_ORDER)
    if dates[0] < today:
        raise PlanInvalid(FieldCode.IN_THE_PAST)
    if dates[0] > months_on(today, FIRST_WITHIN_MONTHS):
        raise PlanInvalid(FieldCode.FIRST_TOO_LATE)
    if dates[-1] > months_on(today, LAST_WITHIN_MONTHS):
        raise PlanInvalid(FieldCode.LAST_TOO_LATE)
    if sum(each.amount_fen for each in instalments) < owed_fen:
        raise PlanInvalid(FieldCode.LESS_THAN_OWED)


def broken_from(
    instalments: Sequence[Instalment], paid_fen: int, grace_days: int, tolerance_fen: int
) -> dt.date | None:
    """Return the first day after the grace of the first instalment that ``paid_fen`` does not fill.

    Payments fill the instalments in order, early payments too; a rest below the tolerance counts as filled.
    """
    agreed = 0
    for each in instalments:
        agreed += each.amount_fen
        if not is_settled(max(0, agreed - paid_fen), tolerance_fen):
            return each.due_date + dt.timedelta(days=grace_days + 1)
    return None


def is_broken(plan: Plan, today: dt.date) -> bool:
    """Tell whether an instalment was missed, grace included."""
    return plan.state is PlanState.RUNNING and plan.broken_from is not None and plan.broken_from <= today


def state_on(plan: Plan, today: dt.date) -> PlanState:
    """Return the state on a day: a missed instalment breaks a plan, even before the scheduler has stored that."""
    return PlanState.BROKEN if is_broken(plan, today) else plan.state


def paid_on(plan: Plan, record_paid_fen: int, tolerance_fen: int) -> Plan:
    """Return the plan after a payment that brought the record to ``record_paid_fen``."""
    paid = record_paid_fen - plan.paid_before_fen
    return replace(plan, broken_from=broken_from(plan.instalments, paid, plan.grace_days, tolerance_fen))


def ended(plan: Plan, state: PlanState, *, at: dt.datetime, log_entry_id: uuid.UUID) -> Plan:
    """Return the plan as ended."""
    return replace(plan, state=state, ended_at=at, log_entry_id=log_entry_id)
