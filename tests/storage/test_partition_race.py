"""A month's partition is made while others write: a row that had been sent to the default one finds its place."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from registry.domain.ids import month_of
from registry.store.transactions import Store, Transaction
from tests.support.builders import NOW
from tests.support.log_entries import an_entry


def waits(store: Store, count: int) -> bool:
    """Tell whether so many connections of this database wait for a lock."""
    with store._engines.read.connect() as connection:
        return bool(
            connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).scalar_one()
            >= count
        )


def until(store: Store, count: int) -> None:
    deadline = time.monotonic() + 30
    while not waits(store, count):
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


def test_a_row_that_waited_for_a_new_partition_is_written_into_it(postgres_store: Store) -> None:
    written, go_on = threading.Event(), threading.Event()

    def writes(tx: Transaction) -> None:
        tx.openings.append([an_entry()])
        written.set()
        assert go_on.wait(30)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(postgres_store.write, writes)
        assert written.wait(30)
        upkeep = threads.submit(postgres_store.write, lambda tx: tx.partitions.ensure([month_of(NOW)]))
        until(postgres_store, 1)
        late = threads.submit(postgres_store.write, lambda tx: tx.openings.append([an_entry()]))
        until(postgres_store, 2)
        go_on.set()
        for each in (first, upkeep, late):
            each.result(30)
    assert postgres_store.read(lambda tx: len(tx.openings.first(10))) == 2
    assert postgres_store.read(lambda tx: tx.partitions.count("log_opening")) == 2
