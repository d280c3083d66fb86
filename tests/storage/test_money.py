"""What comes after a settlement comes back as it was kept, on both databases."""

from dataclasses import replace

from protocol.codes import ReversalReason
from registry.domain.reversal import Reversal
from registry.domain.settlement import Settlement
from registry.store.transactions import Store
from tests.storage import values as v


def a_paid_record(store: Store) -> Settlement:
    v.founded(store, 1)
    record = v.record_of(1, 10)
    settlement = v.settlement_of(record, 20)

    def work(tx):
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
        proposed_at=v.NOW,
        proposed_key_id="carrier-a-1",
        rules_version="2026-01",
        log_entry_id=v.an_id(number),
    )


def test_a_reversal_comes_back_proposed_and_confirmed(store: Store):
    settlement = a_paid_record(store)
    assert store.read(lambda tx: tx.settlements.find(settlement.settlement_id)) == settlement
    assert store.read(lambda tx: tx.settlements.find(v.an_id(21))) is None
    first, second = a_reversal(settlement, 30), a_reversal(settlement, 31)
    confirmed = replace(second, confirmed_at=v.LATER, confirmed_key_id="carrier-a-2", log_entry_id=v.an_id(32))

    def work(tx):
        tx.reversals.add(first)
        tx.reversals.add(second)
        tx.reversals.confirm(confirmed)

    store.write(work)
    assert store.read(lambda tx: tx.reversals.find(first.reversal_id)) == first
    assert store.read(lambda tx: tx.reversals.find(v.an_id(33))) is None
    assert store.read(lambda tx: tx.reversals.of_subject(v.key(1))) == (first, confirmed)


def test_a_revoked_clearance_comes_back_revoked(store: Store):
    settlement = a_paid_record(store)
    clearance = v.clearance_of(settlement, 40)
    revoked = replace(clearance, revoked_at=v.LATER, log_entry_id=v.an_id(41))

    def work(tx):
        tx.clearances.add(clearance)
        tx.clearances.revoke(revoked)

    store.write(work)
    assert store.read(lambda tx: tx.clearances.find(clearance.clearance_id)) == revoked
