"""Pages of records and of what belongs to them stay in one order and are bounded, on both databases."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from protocol.states import RecordState, TransferState
from registry.store import pages
from registry.store.record_pages import Wanted
from registry.store.transactions import Store
from tests.storage import values as v

FIRST = uuid.UUID(int=0)


def test_records_of_all_creditors_are_read_by_their_ids(store: Store) -> None:
    v.founded(store, 1)
    mine = [v.record_of(1, number) for number in (12, 10, 11)]
    other = v.record_of(1, 13, creditor_id="carrier-b", due_date=dt.date(2020, 1, 1))
    store.write(lambda tx: tx.records.add([*mine, other]))
    found, following = store.read(lambda tx: tx.record_pages.of_all(None, 3))
    assert [each.record_id for each in found] == [v.an_id(10), v.an_id(11), v.an_id(12)]
    rest, end = store.read(lambda tx: tx.record_pages.of_all(following, 3))
    assert ([each.record_id for each in rest], end) == ([v.an_id(13)], None)
    old = Wanted(due_to=dt.date(2020, 1, 1))
    assert store.read(lambda tx: tx.record_pages.of_all(None, 3, old)) == ((other,), None)
    none = Wanted(state=RecordState.FROZEN)
    assert store.read(lambda tx: tx.record_pages.of_all(None, 3, none)) == ((), None)


def test_a_page_ends_with_its_window(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WINDOW", 2)
    v.founded(store, 1)
    store.write(lambda tx: tx.records.add([v.record_of(1, number) for number in (10, 11, 12)]))
    none = Wanted(state=RecordState.FROZEN)
    assert store.read(lambda tx: tx.record_pages.of_all(None, 3, none)) == ((), v.an_id(11))
    assert store.read(lambda tx: tx.record_pages.of_all(v.an_id(11), 3, none)) == ((), None)


def test_settlements_are_read_by_their_ids_and_by_their_creditor(store: Store) -> None:
    v.founded(store, 1)
    record = v.record_of(1, 10)
    settlements = [v.settlement_of(record, number) for number in (21, 20, 22)]
    store.write(lambda tx: (tx.records.add([record]), [tx.settlements.add(each) for each in settlements]))
    ordered = tuple(sorted(settlements, key=lambda each: each.settlement_id))
    assert store.read(lambda tx: tx.settlements.page(None, FIRST, 2)) == ordered[:2]
    assert store.read(lambda tx: tx.settlements.page("carrier-a", ordered[1].settlement_id, 2)) == ordered[2:]
    assert store.read(lambda tx: tx.settlements.page("carrier-b", FIRST, 2)) == ()
    places = [(each.subject_key, each.settlement_id) for each in ordered]
    assert store.read(lambda tx: tx.reversals.confirmed_of(places)) == {}


def test_transfers_are_read_by_their_ids_state_and_party(store: Store) -> None:
    v.founded(store)
    second = replace(v.TRANSFER, transfer_id=v.an_id(90))
    store.write(
        lambda tx: [
            tx.transfers.add(each, [replace(v.an_item(10), transfer_id=each.transfer_id)])
            for each in (v.TRANSFER, second)
        ]
    )
    both = tuple(sorted((v.TRANSFER, second), key=lambda each: each.transfer_id))
    every = tuple(TransferState)
    assert store.read(lambda tx: tx.transfers.page(None, every, None, 5)) == (both, None)
    assert store.read(lambda tx: tx.transfers.page("carrier-b", every, both[0].transfer_id, 5)) == (both[1:], None)
    assert store.read(lambda tx: tx.transfers.page("carrier-c", every, None, 5)) == ((), None)
    assert store.read(lambda tx: tx.transfers.page(None, (TransferState.UNDONE,), None, 5)) == ((), None)


def test_an_entry_of_the_red_list_is_one_on_a_page_whatever_its_approvals(store: Store) -> None:
    v.founded(store, 1, 2)
    first, second = v.a_red_list_entry(1, 31), v.a_red_list_entry(2, 32)
    store.write(lambda tx: (tx.red_list.add(first), tx.red_list.add(second)))
    store.write(lambda tx: [tx.red_list.approve(first, v.an_approval(who)) for who in ("carrier-b", "carrier-a")])
    (page, following) = store.read(lambda tx: tx.red_list.page(None, 1))
    assert ([each.entry_id for each in page], len(page[0].approvals), following) == (
        [first.entry_id],
        2,
        first.entry_id,
    )
    assert store.read(lambda tx: tx.red_list.page(following, 1)) == ((second,), None)


def test_batches_of_records_are_summed_by_their_keys_without_those_of_other_nouns(store: Store) -> None:
    v.founded(store)
    chunks = [v.a_chunk(0, "b"), v.a_chunk(1, "b"), v.a_chunk(0, "a"), v.a_chunk(0, "activations/c")]
    store.write(lambda tx: [tx.batches.keep(each) for each in chunks])
    listed = store.read(lambda tx: tx.batches.listed("carrier-a", "", 5))
    assert [(each.batch_key, each.chunks, each.rows) for each in listed] == [("a", 1, 10), ("b", 2, 20)]
    assert [each.batch_key for each in store.read(lambda tx: tx.batches.listed("carrier-a", "a", 5))] == ["b"]
    assert store.read(lambda tx: tx.batches.listed("carrier-b", "", 5)) == ()
    assert listed[0].completed_at == chunks[2].completed_at
