"""Arrange instalments for a record: it stops blocking while they are paid."""

from protocol.log_entries import EntryKind
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party, PlanState
from registry.domain.credit import arranged
from registry.domain.participants import Actor
from registry.domain.plans import Plan, PlanInvalid, broken_from, check_instalments
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import pauses_of
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.plans.shared import plan_message
from registry.usecases.records.read import find_own
from registry.usecases.tidying import up_to_date


def arrange_plan(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    arrangement: PlanArrangement,
) -> Outcome:
    """Take the edge ACTIVE -> ARRANGED.

    Raises Refusal NOT_FOUND, VERSION_STALE, EDGE_NOT_ALLOWED, INVALID_FIELD (instalments).
    """

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock((find_own(act.tx, actor, arrangement.record_id).subject_key,))
        # Read again under the lock: between the look-up and the lock the record may have moved.
        record = find_own(act.tx, actor, arrangement.record_id)
        if arrangement.expected_version is not None and record.version != arrangement.expected_version:
            raise Refusal(Problem.VERSION_STALE)
        (record,) = up_to_date(act, (record,))
        if act.tx.disputes.open_of_record(record.subject_key, record.record_id) is not None:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {record.state} and has an open dispute.")
        due = owed_on(record, act.today, act.rules_of(record), pauses_of(act, record)).total_fen
        moved = edges.move(act, arranged(record, act.today), Action.ARRANGE, Party.CREDITOR, "plan-arranged")
        try:
            check_instalments(arrangement.instalments, due, act.today)
        except PlanInvalid as refused:
            raise Refusal(Problem.INVALID_FIELD, fields={"instalments": refused.code}) from None
        return 201, plan_message(_enter(act, moved, arrangement.instalments), act.today)

    return answer_once(registry, actor, call, work)


def _enter(act: Act, record: Record, instalments: tuple[Instalment, ...]) -> Plan:
    plan_id = act.new_id()
    grace = act.rules.plan_grace_days
    plan = Plan(
        subject_key=record.subject_key,
        plan_id=plan_id,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        state=PlanState.RUNNING,
        instalments=instalments,
        paid_before_fen=record.paid_fen,
        grace_days=grace,
        broken_from=broken_from(instalments, 0, grace, act.rules.settlement_tolerance_fen),
        arranged_at=act.now,
        rules_version=act.rules.version,
        log_entry_id=plan_id,
    )
    act.log(
        EntryKind.PLAN_ARRANGED,
        plan_id,
        {"record": str(record.record_id), "instalments": len(instalments), "rules": plan.rules_version},
        subject_key=plan.subject_key,
        personal={
            "subject": plan.subject_key.hex(),
            "amount_fen": sum(each.amount_fen for each in instalments),
            "last": instalments[-1].due_date.isoformat(),
        },
    )
    act.tx.plans.add(plan)
    return plan
