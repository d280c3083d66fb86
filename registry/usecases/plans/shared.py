"""Change a plan with its record: a payment fills instalments, and the end of either ends the other."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from protocol.messages import plans as messages
from protocol.states import PlanState
from protocol.wire.codec import message_of
from registry.domain.plans import Plan, ended, paid_on, state_on
from registry.domain.records import Record
from registry.usecases.act import Act


def plan_after_payment(act: Act, paid: Record) -> Plan | None:
    """Return a record's running plan after a payment, whose ``paid_fen`` is not yet written; None without a plan."""
    for plan in act.tx.plans.of_subjects((paid.subject_key,)):
        if plan.record_id == paid.record_id and plan.state is PlanState.RUNNING:
            tolerance_fen = act.book.version(plan.rules_version).settlement_tolerance_fen
            return paid_on(plan, paid.paid_fen, tolerance_fen)
    return None


def end_plan(act: Act, plan: Plan, state: PlanState, record: Record) -> Record:
    """Write the end of the plan; returns the record with the plan's days without a fee, not yet written."""
    over = ended(plan, state, at=act.now, log_entry_id=act.new_id())
    act.log(
        EntryKind.PLAN_ENDED,
        over.log_entry_id,
        {"plan": str(plan.plan_id), "state": state.value},
        subject_key=plan.subject_key,
        personal={"subject": plan.subject_key.hex()},
    )
    act.tx.plans.update(over)
    days = _free_days(beijing_date(plan.arranged_at), act.today, record.ended_on)
    return replace(record, fee_free_days=record.fee_free_days + days)


def free_days_after(plans: Iterable[Plan], day: dt.date, service_ended_on: dt.date | None) -> int:
    """Count the days without a fee that a record's plans gave after ``day``; running plans gave none yet."""
    return sum(
        _free_days(max(day, beijing_date(each.arranged_at)), beijing_date(each.ended_at), service_ended_on)
        for each in plans
        if each.ended_at is not None
    )


def _free_days(since: dt.date, until: dt.date, service_ended_on: dt.date | None) -> int:
    """Count the days of a plan on which a fee would have run: none after the service ended."""
    if service_ended_on is not None:
        since, until = min(since, service_ended_on), min(until, service_ended_on)
    return max(0, (until - since).days)


def plan_message(plan: Plan, today: dt.date) -> messages.Plan:
    """Build the message for the creditor, with the state of a day; no pseudonym is in it."""
    return message_of(messages.Plan, plan, state=state_on(plan, today))
