"""Many at once, with real threads and processes: what must happen once happens once, and everybody gets a turn."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry.store.engines import Engines
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW
from tests.support.races import at_once

ROOT = Path(__file__).parents[2]


def test_two_writers_on_one_subject_see_each_other(store: Store) -> None:
    v.founded(store, 1)

    def report(number: int) -> str:
        def work(tx: Transaction) -> str:
            tx.subjects.lock([v.key(1)])
            if tx.records.of_subjects([v.key(1)]):
                return "known"
            tx.records.add([v.record_of(1, number + 1, account_ref=b"a" * 32)])
            return "added"

        return store.write(work)

    assert Counter(at_once(8, report)) == {"added": 1, "known": 7}


def test_head_rows_are_made_once_by_many(store: Store) -> None:
    v.founded(store)
    subjects = [v.a_subject(each) for each in range(50)]

    def make(number: int) -> None:
        mine = random.Random(number).sample(subjects, 50)
        return store.write(lambda tx: tx.subjects.ensure(mine))

    assert at_once(8, make) == [None] * 8
    assert len(store.read(lambda tx: tx.subjects.known([each.subject_key for each in subjects]))) == 50


def test_locks_are_taken_in_one_order_so_nobody_has_to_try_again(
    open_engines: Callable[[str], Engines], database_url: str
) -> None:
    naps: list[float] = []
    store = Store(open_engines(database_url), sleep=naps.append)
    v.founded(store, *range(40))

    def change(number: int) -> list[int]:
        keys = [v.key(each) for each in random.Random(number).sample(range(60), 40)]

        def work(tx: Transaction) -> int:
            tx.subjects.ensure([v.a_subject(int.from_bytes(each, "big")) for each in keys])
            tx.subjects.lock(keys)
            return len(tx.records.of_subjects(keys))

        return [store.write(work) for _ in range(5)]

    assert at_once(8, change) == [[0] * 5] * 8
    assert naps == []


def test_a_deadlock_is_broken_and_both_get_through(open_engines: Callable[[str], Engines], postgres_url: str) -> None:
    naps: list[float] = []
    store = Store(open_engines(postgres_url), sleep=naps.append)
    v.founded(store, 1, 2)
    meet = threading.Barrier(2)
    runs: Counter[Any] = Counter()

    def crossed(number: int) -> str:
        def work(tx: Transaction) -> str:
            runs[number] += 1
            tx.subjects.lock([v.key(1 + number)])
            if runs[number] == 1:
                meet.wait(10)
            tx.subjects.lock([v.key(2 - number)])
            return "through"

        return store.write(work)

    assert at_once(2, crossed) == ["through", "through"]
    assert sum(runs.values()) == 2 + len(naps)
    assert naps


def test_equal_requests_at_once_are_done_once(store: Store) -> None:
    v.founded(store)
    done = []

    def request(number: int) -> str:
        def work(tx: Transaction) -> str:
            if not tx.idempotency.try_claim("carrier-a", "k1"):
                return "in flight"
            if tx.idempotency.find("carrier-a", "k1") is not None:
                return "replayed"
            done.append(number)
            tx.idempotency.keep(v.an_answer("k1"))
            return "done"

        return store.write(work)

    answers = Counter(at_once(12, request))
    assert answers["done"] == 1
    assert answers["in flight"] + answers["replayed"] == 11
    assert len(done) == 1


def test_a_claim_ends_with_its_transaction(postgres_store: Store) -> None:
    def held(tx: Transaction) -> tuple[bool, bool]:
        other = postgres_store.write(lambda inner: inner.idempotency.try_claim("carrier-a", "k1"))
        free = postgres_store.write(lambda inner: inner.idempotency.try_claim("carrier-b", "k1"))
        return other, free

    def work(tx: Transaction) -> tuple[bool, bool, bool]:
        return tx.idempotency.try_claim("carrier-a", "k1"), *held(tx)

    assert postgres_store.write(work) == (True, False, True)
    assert postgres_store.write(lambda tx: tx.idempotency.try_claim("carrier-a", "k1"))


def test_of_many_equal_nonces_one_is_accepted(store: Store) -> None:
    answers = at_once(16, lambda _: store.write(lambda tx: tx.requests.use_nonce("k", "n", NOW)))
    assert Counter(answers) == {True: 1, False: 15}


def test_no_writer_of_sqlite_starves(sqlite_store: Store) -> None:
    until = time.monotonic() + 2
    waits: list[float] = []

    def busy(number: int) -> int:
        count = 0
        while time.monotonic() < until:
            started = time.monotonic()
            sqlite_store.write(lambda tx, nonce=str(count): tx.requests.use_nonce(f"k{number}", nonce, NOW))
            waits.append(time.monotonic() - started)
            count += 1
        return count

    counts = at_once(32, busy)
    assert all(isinstance(each, int) and each > 0 for each in counts), counts
    assert max(counts) <= 2 * min(counts) + 2
    assert max(waits) < 2


WRITER = """
import datetime as dt, sys, threading, time
from registry.store.engines import make_engines
from registry.store.transactions import Store

url, name = sys.argv[1:]
store = Store(make_engines(url))
now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
until = time.monotonic() + 1.5
waits = []

def run(part):
    count = 0
    while time.monotonic() < until:
        started = time.monotonic()
        store.write(lambda tx: tx.requests.use_nonce(f"{name}-{part}", str(count), now))
        waits.append(time.monotonic() - started)
        count += 1

threads = [threading.Thread(target=run, args=(part,)) for part in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
print(len(waits), max(waits))
store.close()
"""


def test_no_process_keeps_sqlite_to_itself(sqlite_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, sqlite_url, name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    answers = [each.communicate(timeout=60)[0].split() for each in processes]
    assert [each.returncode for each in processes] == [0, 0]
    for count, longest in answers:
        assert int(count) > 10
        assert float(longest) < 1.5
