"""Collections come back as they were kept, are due when their last day is over, and add up, on both databases."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

from protocol.codes import CollectionRefusal
from protocol.encodings import MAX_JSON_INTEGER
from protocol.messages.collected import Direction
from protocol.states import CollectionState
from registry.domain.collected import CollectedPayment
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW, TODAY


def paid_records(store: Store, *subjects: int) -> None:
    v.founded(store, *subjects)

    def work(tx: Transaction) -> None:
        for each in subjects:
            record = v.record_of(each, 100 + each)
            tx.records.add([record])
            tx.settlements.add(v.settlement_of(record, 200 + each))

    store.write(work)


def a_collection(number: int, subject: int = 1, **changes: Any) -> CollectedPayment:
    values: dict[str, Any] = {
        "subject_key": v.key(subject),
        "collection_id": v.an_id(number),
        "record_id": v.an_id(100 + subject),
        "settlement_id": v.an_id(200 + subject),
        "quote_id": v.an_id(7),
        "collector_id": "carrier-b",
        "creditor_id": "carrier-a",
        "amount_fen": 120_00,
        "collected_at": NOW,
        "collected_month": 202611,
        "received_at": v.LATER,
        "confirm_due": TODAY,
        "state": CollectionState.TO_CONFIRM,
        "rules_version": "2026-01",
        "log_entry_id": v.an_id(number),
    }
    return CollectedPayment(**(values | changes))


def test_a_collection_comes_back_and_so_does_its_answer(store: Store) -> None:
    paid_records(store, 1, 2)
    first, other = a_collection(10), a_collection(11, 2)
    refused = replace(
        first,
        state=CollectionState.REFUSED,
        refusal=CollectionRefusal.UNKNOWN_ACCOUNT,
        answered_at=v.LATER,
        reversed_at=v.LATER,
        log_entry_id=v.an_id(12),
    )

    def work(tx: Transaction) -> None:
        tx.collected.add(first)
        tx.collected.add(other)

    store.write(work)
    assert store.read(lambda tx: tx.collected.find(v.an_id(10))) == first
    assert store.read(lambda tx: tx.collected.find(v.an_id(13))) is None
    store.write(lambda tx: tx.collected.update(refused))
    assert store.read(lambda tx: tx.collected.of_subjects([v.key(1), v.key(2)])) == (refused, other)
    assert store.read(lambda tx: tx.collected.of_settlement(v.key(1), v.an_id(201))) == refused
    assert store.read(lambda tx: tx.collected.of_settlement(v.key(1), v.an_id(202))) is None


def test_a_collection_is_due_the_day_after_its_last_one_until_it_is_answered(store: Store) -> None:
    paid_records(store, 1)
    late, later = a_collection(10), a_collection(11, confirm_due=TODAY + dt.timedelta(days=1))
    store.write(lambda tx: [tx.collected.add(each) for each in (later, late)])
    tomorrow = TODAY + dt.timedelta(days=1)
    assert store.read(lambda tx: tx.collected.due(TODAY, 10)) == ()
    assert store.read(lambda tx: tx.collected.due(tomorrow, 10)) == (late,)
    assert store.read(lambda tx: tx.collected.due(tomorrow + dt.timedelta(days=1), 10)) == (late, later)
    assert store.read(lambda tx: tx.collected.due(tomorrow + dt.timedelta(days=1), 1)) == (late,)
    store.write(lambda tx: tx.collected.update(replace(late, state=CollectionState.CONFIRMED)))
    assert store.read(lambda tx: tx.collected.due(tomorrow, 10)) == ()


def test_a_collection_outlives_its_record_and_is_dropped_by_its_age(store: Store) -> None:
    paid_records(store, 1)
    young, old = a_collection(10), a_collection(11, received_at=NOW - dt.timedelta(days=9))
    store.write(lambda tx: [tx.collected.add(each) for each in (young, old)])
    taken = store.write(lambda tx: tx.record_rows.take_out([(v.key(1), v.an_id(101))]))
    assert set(taken[v.an_id(101)]) == {"record", "settlement"}
    assert store.read(lambda tx: tx.collected.of_subjects([v.key(1)])) == (old, young)
    before = NOW - dt.timedelta(days=1)
    assert [store.write(lambda tx: tx.retention.collections(before, 10)) for _ in range(2)] == [1, 0]
    assert store.read(lambda tx: tx.collected.of_subjects([v.key(1)])) == (young,)


def test_a_month_of_two_carriers_is_read_in_pages_and_added_up(store: Store) -> None:
    paid_records(store, 1, 2)
    kept = [
        a_collection(10, state=CollectionState.CONFIRMED),
        a_collection(11, 2, state=CollectionState.CONFIRMED_BY_SILENCE, amount_fen=5),
        a_collection(12),
        a_collection(13, state=CollectionState.REFUSED),
        a_collection(14, state=CollectionState.CONFIRMED, reversed_at=v.LATER),
    ]
    elsewhere = [
        a_collection(15, collected_month=202610),
        a_collection(16, collector_id="carrier-a", creditor_id="carrier-b"),
    ]
    store.write(lambda tx: [tx.collected.add(each) for each in (*elsewhere, *reversed(kept))])

    def page(after: uuid.UUID, limit: int) -> tuple[CollectedPayment, ...]:
        return store.read(lambda tx: tx.collected.page("carrier-b", "carrier-a", 202611, after, limit))

    assert page(uuid.UUID(int=0), 10) == tuple(kept)
    assert page(v.an_id(11), 2) == tuple(kept[2:4])
    assert page(v.an_id(14), 2) == ()
    assert store.read(lambda tx: tx.collected.direction("carrier-b", "carrier-a", 202611, TODAY)) == Direction(
        collector="carrier-b",
        creditor="carrier-a",
        counted=2,
        counted_fen=120_05,
        apart=3,
        apart_fen=360_00,
    )
    nothing = store.read(lambda tx: tx.collected.direction("carrier-b", "carrier-a", 202612, TODAY))
    assert (nothing.counted, nothing.counted_fen, nothing.apart, nothing.apart_fen) == (0, 0, 0, 0)


def test_the_sums_of_a_month_never_leave_what_json_holds(store: Store) -> None:
    paid_records(store, 1, 2)
    most = MAX_JSON_INTEGER
    large = [
        a_collection(10, amount_fen=most, state=CollectionState.CONFIRMED),
        a_collection(11, 2, amount_fen=most, state=CollectionState.CONFIRMED),
        a_collection(12, amount_fen=most),
        a_collection(13, 2, amount_fen=most),
    ]
    store.write(lambda tx: [tx.collected.add(each) for each in large])
    sums = store.read(lambda tx: tx.collected.direction("carrier-b", "carrier-a", 202611, TODAY))
    assert (sums.counted, sums.counted_fen, sums.apart, sums.apart_fen) == (2, most, 2, most)
