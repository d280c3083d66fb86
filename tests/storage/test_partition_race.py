"""A month's partition is made while others write: it waits a moment, and gives up rather than be in the way."""

import threading
from concurrent.futures import ThreadPoolExecutor

from registry.domain.ids import month_of
from registry.store.transactions import Store, Transaction
from tests.support.builders import NOW
from tests.support.log_entries import an_entry
from tests.support.partitions import ensure_months


def parts(store: Store) -> int:
    return store.read(lambda tx: tx.partitions.count("log_opening"))


def test_a_partition_that_has_to_wait_lets_others_write_and_is_made_later(postgres_store: Store) -> None:
    written, go_on = threading.Event(), threading.Event()

    def writes(tx: Transaction) -> None:
        tx.openings.append([an_entry()])
        written.set()
        assert go_on.wait(30)

    ahead = month_of(NOW) + 1
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(postgres_store.write, writes)
        assert written.wait(30)
        upkeep = threads.submit(ensure_months, postgres_store, [ahead])
        # Behind the upkeep's lock, until that gives up.
        threads.submit(postgres_store.write, lambda tx: tx.openings.append([an_entry()])).result(30)
        assert parts(postgres_store) == 1
        go_on.set()
        for each in (first, upkeep):
            each.result(30)
    assert postgres_store.read(lambda tx: len(tx.openings.first(10))) == 2
    assert parts(postgres_store) == 2


def test_two_may_make_the_same_months_at_once(postgres_store: Store) -> None:
    months = [month_of(NOW), month_of(NOW) + 1]
    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(ensure_months, postgres_store, months) for _ in range(4)]:
            each.result(30)
    assert parts(postgres_store) == 3
