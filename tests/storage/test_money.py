"""What comes after a settlement comes back as it was kept, on both databases."""

import datetime as dt
from dataclasses import replace
from typing import Any

from protocol.codes import ReversalReason
from protocol.messages.plans import Instalment
from protocol.states import PlanState
from registry.domain.plans import Plan
from registry.domain.reversals import Reversal
from registry.domain.settlements import Settlement
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW, TODAY


def a_paid_record(store: Store) -> Settlement:
    v.founded(store, 1)
    record = v.record_of(1, 10)
    settlement = v.settlement_of(record, 20)

    def work(tx: Transaction) -> None:
        tx.records.add([record])
        tx.settlements.add(settlement)

    store.write(work)
    return settlement


def a_reversal(settlement: Settlement, number: int) -> Reversal:
    return Reversal(
        subject_key=settlement.subject_key,
        reversal_id=v.an_id(number),
        settlement_id=settlement.settlement_id,
        record_id=settlement.record_id,
        creditor_id=settlement.creditor_id,
        reason=ReversalReason.PAYMENT_BOUNCED,
        evidence_digest=b"e" * 32,
        proposed_at=NOW,
        proposed_key_id="carrier-a-1",
        rules_version="2026-01",
        log_entry_id=v.an_id(number),
    )


def test_a_reversal_comes_back_proposed_and_confirmed(store: Store) -> None:
    settlement = a_paid_record(store)
    assert store.read(lambda tx: tx.settlements.find(settlement.settlement_id)) == settlement
    assert store.read(lambda tx: tx.settlements.find(v.an_id(21))) is None
    assert store.read(lambda tx: tx.settlements.of_subject(settlement.subject_key)) == (settlement,)
    assert store.read(lambda tx: tx.settlements.of_subject(v.key(2))) == ()
    first, second = a_reversal(settlement, 30), a_reversal(settlement, 31)
    confirmed = replace(second, confirmed_at=v.LATER, confirmed_key_id="carrier-a-2", log_entry_id=v.an_id(32))

    def work(tx: Transaction) -> None:
        tx.reversals.add(first)
        tx.reversals.add(second)
        tx.reversals.confirm(confirmed)

    store.write(work)
    assert store.read(lambda tx: tx.reversals.find(first.reversal_id)) == first
    assert store.read(lambda tx: tx.reversals.find(v.an_id(33))) is None
    assert store.read(lambda tx: tx.reversals.of_subject(v.key(1))) == (first, confirmed)


def test_a_revoked_clearance_comes_back_revoked(store: Store) -> None:
    settlement = a_paid_record(store)
    clearance = v.clearance_of(settlement, 40)
    revoked = replace(clearance, revoked_at=v.LATER, log_entry_id=v.an_id(41))

    def work(tx: Transaction) -> None:
        tx.clearances.add(clearance)
        tx.clearances.revoke(revoked)

    store.write(work)
    assert store.read(lambda tx: tx.clearances.find(clearance.clearance_id)) == revoked


def a_plan(number: int, **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "subject_key": v.key(1),
        "plan_id": v.an_id(number),
        "record_id": v.an_id(10),
        "creditor_id": "carrier-a",
        "state": PlanState.RUNNING,
        "instalments": (
            Instalment(due_date=TODAY, amount_fen=100_00),
            Instalment(due_date=TODAY + dt.timedelta(days=30), amount_fen=50_00),
        ),
        "paid_before_fen": 7,
        "grace_days": 5,
        "broken_from": TODAY + dt.timedelta(days=6),
        "arranged_at": v.LATER,
        "rules_version": "2026-01",
        "log_entry_id": v.an_id(number),
    }
    return Plan(**(values | changes))


def test_a_plan_comes_back_with_its_instalments_and_is_due_while_it_runs(store: Store) -> None:
    a_paid_record(store)
    broken, running = a_plan(50), a_plan(51, broken_from=None)
    over = replace(broken, state=PlanState.BROKEN, ended_at=v.LATER, log_entry_id=v.an_id(52))
    day = TODAY + dt.timedelta(days=6)
    store.write(lambda tx: [tx.plans.add(each) for each in (running, broken)])
    assert store.read(lambda tx: tx.plans.find(broken.plan_id)) == broken
    assert store.read(lambda tx: tx.plans.find(v.an_id(53))) is None
    assert store.read(lambda tx: tx.plans.due(day - dt.timedelta(days=1), 10)) == frozenset()
    assert store.read(lambda tx: tx.plans.due(day, 10)) == {v.key(1)}
    store.write(lambda tx: tx.plans.update(over))
    assert store.read(lambda tx: tx.plans.due(day, 10)) == frozenset()
    assert store.read(lambda tx: tx.plans.of_subjects([v.key(1), v.key(2)])) == (over, running)
    assert store.read(lambda tx: tx.plans.of_subjects([])) == ()
