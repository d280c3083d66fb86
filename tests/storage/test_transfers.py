"""Transfers come back as they were kept, and members that left, on both databases."""

import datetime as dt
from dataclasses import replace

from protocol.codes import TransferOutcome
from protocol.states import TransferState
from registry.store.record_pages import Wanted
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.storage.values import TRANSFER, an_item


def test_a_transfer_comes_back_with_what_became_of_its_records(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.transfers.add(TRANSFER, [an_item(11), an_item(10)]))
    assert store.read(lambda tx: tx.transfers.find(TRANSFER.transfer_id)) == TRANSFER
    assert store.read(lambda tx: tx.transfers.find(v.an_id(71))) is None
    assert store.read(lambda tx: tx.transfers.lapsing(v.LATER.date(), 5)) == (TRANSFER,)
    assert store.read(lambda tx: tx.transfers.lapsing(v.LATER.date() - dt.timedelta(days=1), 5)) == ()
    moved = replace(
        an_item(10),
        outcome=TransferOutcome.TRANSFERRED,
        new_record_id=v.an_id(90),
        undo_outcome=TransferOutcome.ACCOUNT_OPEN,
        undo_record_id=v.an_id(91),
    )
    over = replace(
        TRANSFER,
        state=TransferState.UNDONE,
        ended_at=v.LATER,
        ended_key_id="carrier-b-1",
        undo_ends_on=v.LATER.date(),
        undo_by="carrier-a",
        undo_at=v.LATER,
        undo_key_id="carrier-a-1",
        undone_at=v.LATER,
        undone_key_id="carrier-b-1",
    )

    def work(tx: Transaction) -> None:
        assert tx.transfers.lock(TRANSFER) == TRANSFER
        tx.transfers.update(over)
        tx.transfers.update_items([moved])
        tx.transfers.update_items([])

    store.write(work)
    assert store.read(lambda tx: tx.transfers.find(TRANSFER.transfer_id)) == over
    assert store.read(lambda tx: tx.transfers.lapsing(v.LATER.date(), 5)) == ()
    assert store.read(lambda tx: tx.transfers.items(over)) == (moved, an_item(11))


def test_a_member_that_left_comes_back_as_gone(store: Store) -> None:
    v.founded(store)

    def work(tx: Transaction) -> None:
        tx.participants.hold("carrier-a")
        tx.participants.leave("carrier-a", v.LATER, v.an_id(5))

    store.write(work)
    assert store.read(lambda tx: tx.participants.get("carrier-a")).left_at == v.LATER
    assert store.read(lambda tx: tx.participants.get("carrier-b")).left_at is None


def test_a_creditors_open_records_are_counted_and_paged(store: Store) -> None:
    v.founded(store, 1)
    mine = [v.record_of(1, number) for number in (12, 10, 11)]
    store.write(lambda tx: tx.records.add([*mine, v.record_of(1, 13, creditor_id="carrier-b")]))
    assert store.read(lambda tx: tx.records.open_of("carrier-a")) == {mine[0].state: 3}
    assert store.read(lambda tx: tx.records.open_of("carrier-c")) == {}
    first = store.read(lambda tx: tx.record_pages.of_creditor("carrier-a", None, 2))
    assert [each.record_id for each in first] == [v.an_id(10), v.an_id(11)]
    rest = store.read(lambda tx: tx.record_pages.of_creditor("carrier-a", first[-1], 2, Wanted(state=mine[0].state)))
    assert [each.record_id for each in rest] == [v.an_id(12)]
