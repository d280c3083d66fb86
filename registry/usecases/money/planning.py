"""What becomes of a plan with its record: a payment fills instalments, and the end of either ends the other."""

from dataclasses import replace

from protocol.log_entries import EntryKind
from registry.domain.plan import Plan, PlanState, ended, paid_on
from registry.domain.record import Record
from registry.policy.rules import beijing_date
from registry.usecases.act import Act


def plan_after_payment(act: Act, paid: Record) -> Plan | None:
    """The running plan of a record whose ``paid_fen`` is the new one, not yet written; None without a plan."""
    for each in act.tx.plans.of_subjects((paid.subject_key,)):
        if each.record_id == paid.record_id and each.state is PlanState.RUNNING:
            tolerance_fen = act.book.version(each.rules_version).settlement_tolerance_fen
            return paid_on(each, paid.paid_fen, tolerance_fen)
    return None


def end_plan(act: Act, plan: Plan, state: PlanState, record: Record) -> Record:
    """Write the end of the plan; the record with the days on which the plan let no fee run, not yet written."""
    over = ended(plan, state, at=act.now, log_entry_id=act.new_id())
    act.log(
        EntryKind.PLAN_ENDED,
        over.log_entry_id,
        {"plan": str(plan.plan_id), "state": state.value},
        subject_key=plan.subject_key,
        personal={"subject": plan.subject_key.hex()},
    )
    act.tx.plans.update(over)
    since, until = beijing_date(plan.arranged_at), act.today
    if record.ended_on is not None:  # no fee ran any more in any case
        since, until = min(since, record.ended_on), min(until, record.ended_on)
    return replace(record, fee_free_days=record.fee_free_days + (until - since).days)
