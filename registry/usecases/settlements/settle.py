"""Settle a debt on its creditor's word: it stops blocking at once, and the last one brings a clearance."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from protocol.beijing import beijing_date
from protocol.codes import ORDERED_KINDS, DisputeOutcome, SettlementKind
from protocol.messages.settlements import SettlementOrder, SettlementReceipt, statement_claims
from protocol.problems import FieldCode, Problem, Refusal
from protocol.states import Action, Party, PlanState, RecordState
from registry.domain import credit
from registry.domain.endings import account_digest
from registry.domain.participants import Actor
from registry.domain.plans import Plan
from registry.domain.records import Record
from registry.domain.settlements import Settlement
from registry.domain.transfers import present_creditor
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import close_with_record
from registry.usecases.edges import transferred_refusal
from registry.usecases.idempotency import answer_once
from registry.usecases.plans.shared import end_plan, plan_after_payment
from registry.usecases.pseudonyms import Pseudonyms, pseudonyms
from registry.usecases.records.read import find_own
from registry.usecases.settlements.clearing import issue_clearance, write_settlement
from registry.usecases.settlements.shared import Left, left_by
from registry.usecases.signed_word import CLOCK_SKEW, check_signed
from registry.usecases.standings import as_of_today
from registry.usecases.tidying import up_to_date

STATEMENT_TYPE = "clearline-settlement+jws"


def settle(registry: Registry, actor: Actor, call: IdempotentCall, order: SettlementOrder) -> Outcome:
    """Settle the creditor's open record on an account: that of a person, or the named one.

    Raises Refusal: EPOCH_UNKNOWN, BAD_ELEMENT, NOT_FOUND (no record of this creditor on the account),
    RECORD_TRANSFERRED (it names the present creditor), EDGE_NOT_ALLOWED (it is closed already), STATEMENT_INVALID,
    NOT_IN_FULL, INVALID_FIELD (neither tokens nor a record, or both; settled in the future or before the debt was due,
    of a kind that no creditor orders, nothing paid, a rest waived without FULL).
    """
    _check_order(order)
    names = None if order.tokens is None else pseudonyms(registry, order.tokens)

    def work(act: Act) -> tuple[int, SettlementReceipt]:
        if order.settled_at > act.now + CLOCK_SKEW:
            raise Refusal(Problem.INVALID_FIELD, fields={"settled_at": FieldCode.IN_THE_FUTURE})
        _check_statement(act, order)
        subject_key = _subject_of(act, actor, order, names)
        act.tx.subjects.lock((subject_key,))
        records = act.tx.records.of_subjects((subject_key,)).get(subject_key, ())
        record = _open_record(act, order, subject_key, records)
        paid_on = beijing_date(order.settled_at)
        if paid_on < record.due_date:
            raise Refusal(Problem.INVALID_FIELD, fields={"settled_at": FieldCode.BEFORE_THE_DUE_DATE})
        money = 0 if order.kind is SettlementKind.WAIVER else order.amount_fen
        left = left_by(act, record, money, paid_on)
        plan = plan_after_payment(act, replace(record, paid_fen=record.paid_fen + money))
        settled = _decide(order, record, left, plan, settlement_id=act.new_id(), received_at=act.now)
        return 201, _write(act, settled, record, plan, records)

    return answer_once(registry, actor, call, work, names=() if names is None else (names,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The effect of a payment, not yet written."""

    settlement: Settlement
    paid: Record
    """The record with the money, before any edge."""
    closes: bool
    outstanding_fen: int


def _check_order(order: SettlementOrder) -> None:
    """Raise Refusal INVALID_FIELD for an order that contradicts itself, for any record."""
    wrong: dict[str, str] = {}
    if order.tokens is None and order.record_id is None:
        wrong["tokens"] = FieldCode.REQUIRED
    if order.tokens is not None and order.record_id is not None:
        wrong["record_id"] = FieldCode.INVALID
    if order.kind not in ORDERED_KINDS:
        wrong["kind"] = "invalid"
    if order.amount_fen == 0 and order.kind in (SettlementKind.FULL, SettlementKind.PARTIAL):
        wrong["amount_fen"] = "nothing-paid-is-a-waiver"
    if order.waive_rest and order.kind is not SettlementKind.FULL:
        wrong["waive_rest"] = "only-with-full"
    if wrong:
        raise Refusal(Problem.INVALID_FIELD, fields=wrong)


def _subject_of(act: Act, actor: Actor, order: SettlementOrder, names: Pseudonyms | None) -> bytes:
    """Find the debtor's key; raises Refusal NOT_FOUND for a record of nobody, or of another creditor."""
    if names is not None:
        return act.key_of(names)
    if order.record_id is None:
        raise Refusal(Problem.NOT_FOUND)
    return find_own(act.tx, actor, order.record_id).subject_key


def _refuse_former_creditor(act: Act, order: SettlementOrder, subject_key: bytes, records: tuple[Record, ...]) -> None:
    """Raise Refusal RECORD_TRANSFERRED where the account's debt has another creditor and its record here is sealed."""
    account = account_digest(act.actor_id, order.account_ref)
    for sealed in act.tx.archive.endings((subject_key,), act.actor_id).get(subject_key, ()):
        creditor = present_creditor(sealed.record_id, records) if sealed.account_digest == account else None
        if creditor is not None:
            raise transferred_refusal(creditor)


def _open_record(act: Act, order: SettlementOrder, subject_key: bytes, records: tuple[Record, ...]) -> Record:
    named = (act.actor_id, order.account_ref)
    of_account = (each for each in records if (each.creditor_id, each.account_ref) == named)
    account = up_to_date(act, (each for each in of_account if order.record_id in (None, each.record_id)))
    if not account:
        _refuse_former_creditor(act, order, subject_key, records)
        raise Refusal(Problem.NOT_FOUND)
    for record in account:
        if record.is_open:
            return record
    edges.refuse_former_creditor(act, account[-1])
    raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {account[-1].state}.")


def _check_statement(act: Act, order: SettlementOrder) -> None:
    """Check that the creditor's JWS is over exactly the claims of the order."""
    claims = statement_claims(
        creditor=act.actor_id,
        account_ref=order.account_ref,
        kind=order.kind,
        amount_fen=order.amount_fen,
        settled_at=order.settled_at,
        waive_rest=order.waive_rest,
    )
    check_signed(act, order.statement, typ=STATEMENT_TYPE, claims=claims)


def _decide(
    order: SettlementOrder,
    record: Record,
    left: Left,
    plan: Plan | None,
    *,
    settlement_id: uuid.UUID,
    received_at: dt.datetime,
) -> Settled:
    """Decide the effect of a payment: the record closes, unless it is a part payment that leaves more than a trifle.

    Raises Refusal NOT_IN_FULL, with the missing amount, for a FULL one that leaves more than that and waives nothing.
    """
    is_paid = left.is_settled or (plan is not None and plan.broken_from is None)
    waived_fen = 0
    if order.kind is SettlementKind.FULL and not is_paid:
        if not order.waive_rest:
            raise Refusal(Problem.NOT_IN_FULL, figures={"missing_fen": left.on_the_day_fen})
        waived_fen = left.on_the_day_fen
    settlement = Settlement(
        subject_key=record.subject_key,
        settlement_id=settlement_id,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        kind=order.kind,
        amount_fen=order.amount_fen,
        settled_at=order.settled_at,
        received_at=received_at,
        statement=order.statement,
        waived_fen=waived_fen,
        log_entry_id=settlement_id,
    )
    closes = is_paid or order.kind is not SettlementKind.PARTIAL
    return Settled(
        settlement=settlement,
        paid=replace(record, paid_fen=record.paid_fen + settlement.credit_fen(came_undone=False)),
        closes=closes,
        outstanding_fen=0 if closes else left.today_fen,
    )


def _write(
    act: Act, settled: Settled, before: Record, plan: Plan | None, records: tuple[Record, ...]
) -> SettlementReceipt:
    """Write the settlement, the record and the plan that it paid; a clearance follows the last blocking record."""
    settlement, record, clearance = settled.settlement, settled.paid, None
    write_settlement(act, settlement)
    if settled.closes:
        paid = record if plan is None else end_plan(act, plan, PlanState.KEPT, record)
        paid = credit.settled(paid, settlement.settled_on)
        record = edges.move(act, paid, Action.CLEAR, Party.CREDITOR, f"settled-{settlement.kind.lower()}")
        close_with_record(act, before, DisputeOutcome.SETTLED)
        others = (each for each in records if each.record_id != record.record_id)
        if record.state is RecordState.CLEARED and not any(each.blocks for each in as_of_today(act, others)):
            clearance = issue_clearance(act, settlement)
    else:
        record = replace(record, version=before.version + 1, log_entry_id=settlement.log_entry_id)
        act.tx.records.update(record, expected_version=before.version)
        if plan is not None:
            act.tx.plans.update(plan)
    return SettlementReceipt(
        settlement_id=settlement.settlement_id,
        record_id=settlement.record_id,
        state=record.state,
        outstanding_fen=settled.outstanding_fen,
        waived_fen=settlement.waived_fen or None,
        clearance_id=None if clearance is None else clearance.clearance_id,
        clearance=None if clearance is None else clearance.jws,
    )
