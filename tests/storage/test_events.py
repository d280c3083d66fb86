"""Events come back in an order in which nobody can miss one, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from protocol.events import EventKind
from registry.domain.events import Event
from registry.store.errors import StoreFailure
from registry.store.transactions import Store, Transaction
from tests.storage import values as v


def an_event(number: int, recipient: str = "carrier-a", **changes: object) -> Event:
    values = {
        "recipient": recipient,
        "event_id": v.an_id(number),
        "kind": EventKind.RECORD_WITHDRAWN,
        "record_id": None,
        "inquiry_id": v.an_id(900 + number),
        "payload": b'{"blocks":false}',
        "created_at": v.LATER,
    }
    return Event(**(values | changes))  # type: ignore[arg-type]


def numbered(store: Store, recipient: str = "carrier-a", limit: int = 100) -> int:
    return store.write(lambda tx: tx.events.number(recipient, limit))


def shown(store: Store, recipient: str = "carrier-a", after: int = 0, limit: int = 100) -> tuple[Event, ...]:
    return store.read(lambda tx: tx.events.page(recipient, after, limit))


def test_an_event_is_read_once_it_has_its_place(store: Store) -> None:
    v.founded(store)
    event = an_event(10)
    store.write(lambda tx: tx.events.add([event]))
    assert store.read(lambda tx: tx.events.has_unnumbered("carrier-a"))
    assert shown(store) == ()
    assert numbered(store) == 1
    assert shown(store) == (replace(event, position=1),)
    assert not store.read(lambda tx: tx.events.has_unnumbered("carrier-a"))
    assert numbered(store) == 0


def test_each_recipient_has_a_feed_of_its_own(store: Store) -> None:
    v.founded(store)
    record = an_event(11, "carrier-b", record_id=v.an_id(1), inquiry_id=None, kind=EventKind.DISPUTE_ANSWER_DUE)
    store.write(lambda tx: tx.events.add([an_event(10), record, an_event(12)]))
    assert (numbered(store), numbered(store, "carrier-b")) == (2, 1)
    assert [each.event_id for each in shown(store)] == [v.an_id(10), v.an_id(12)]
    assert shown(store, "carrier-b") == (replace(record, position=1),)


def test_pages_go_on_behind_the_cursor(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.events.add([an_event(number) for number in range(10, 17)]))
    while numbered(store, limit=3):
        pass
    pages, after = [], 0
    while page := shown(store, after=after, limit=3):
        pages.append([each.position for each in page])
        after = page[-1].position or 0
    assert pages == [[1, 2, 3], [4, 5, 6], [7]]


def test_an_older_id_that_is_committed_late_comes_behind_the_cursor(postgres_store: Store) -> None:
    store = v.founded(postgres_store)
    written, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        tx.events.add([an_event(10)])
        written.set()
        assert go_on.wait(20)

    with ThreadPoolExecutor(1) as threads:
        late = threads.submit(store.write, slow)
        assert written.wait(20)
        store.write(lambda tx: tx.events.add([an_event(11)]))
        assert numbered(store) == 1
        assert [each.event_id for each in shown(store)] == [v.an_id(11)]
        go_on.set()
        late.result(20)
    assert numbered(store) == 1
    assert [(each.event_id, each.position) for each in shown(store, after=1)] == [(v.an_id(10), 2)]


def test_writers_numberers_and_a_reader_at_once_lose_and_double_nothing(store: Store) -> None:
    v.founded(store)
    done = threading.Event()
    seen: list[Event] = []

    def write(first: int) -> None:
        for number in range(first, first + 40):
            store.write(lambda tx, number=number: tx.events.add([an_event(number)]))

    def number() -> None:
        while not done.wait(0.002):
            numbered(store, limit=7)

    def read() -> None:
        while len(seen) < 120:
            seen.extend(shown(store, after=seen[-1].position or 0 if seen else 0, limit=10))

    with ThreadPoolExecutor(6) as threads:
        numberers = [threads.submit(number) for _ in range(2)]
        reader = threads.submit(read)
        for each in [threads.submit(write, first) for first in (1000, 2000, 3000)]:
            each.result(60)
        reader.result(60)
        done.set()
        for each in numberers:
            each.result(60)
    assert [each.position for each in seen] == list(range(1, 121))
    assert len({each.event_id for each in seen}) == 120


def test_an_event_is_for_a_participant(store: Store) -> None:
    v.founded(store)
    with pytest.raises(StoreFailure):
        store.write(lambda tx: tx.events.add([an_event(10, "nobody")]))
