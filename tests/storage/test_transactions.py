"""One transaction or nothing, and what each failure of a database comes to."""

import sqlite3
import threading
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from protocol.problems import Problem, Refusal
from registry.domain.participants import Participant
from registry.store.engines import Engines, ReadOnly, make_engines
from registry.store.errors import StoreFailure
from registry.store.transactions import ATTEMPTS, Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW


class Naps:
    """A ``sleep`` that does not sleep; ``during`` may do something in the first pause."""

    def __init__(self, during: Callable[..., Any] = lambda: None) -> None:
        self.taken: list[float] = []
        self._during = during

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) == 1:
            self._during()


def raw(tx: Transaction, statement: str) -> sa.CursorResult[Any]:
    """Run a statement that no repository has."""
    return tx.records._connection.exec_driver_sql(statement)


def fails_with(
    code: str, message: str = "made up", times: int = 1, constraint: str = ""
) -> Callable[[Transaction], int]:
    """Work on PostgreSQL that fails with an SQLSTATE the first ``times`` times, then uses a nonce."""
    runs = []
    named = f", CONSTRAINT = '{constraint}'" if constraint else ""

    def work(tx: Transaction) -> int:
        runs.append(1)
        tx.requests.use_nonce("k", "n", NOW)
        if len(runs) <= times:
            raw(tx, f"DO $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'{named}; END $$")
        return len(runs)

    return work


def nonce_is_free(store: Store) -> bool:
    return store.write(lambda tx: tx.requests.use_nonce("k", "n", NOW))


def test_what_the_work_raises_undoes_it_and_passes_through(store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.requests.use_nonce("k", "n", NOW)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        store.write(work)
    assert nonce_is_free(store)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(ReadOnly):
        store.read(lambda tx: tx.requests.use_nonce("k", "n", NOW))
    with pytest.raises(ReadOnly):
        store.read(lambda tx: tx.requests.forget_nonces(NOW))
    assert nonce_is_free(store)


def test_a_transaction_shows_no_way_to_end_it() -> None:
    public = {each for each in dir(Transaction) if not each.startswith("_")}
    assert not public & {"commit", "rollback", "begin", "connection", "session"}


def test_a_mistake_is_told_without_any_value(store: Store) -> None:
    v.founded(store, 1)
    store.write(lambda tx: tx.records.add([v.record_of(1, 10)]))
    with pytest.raises(StoreFailure) as failed:
        store.write(lambda tx: tx.records.add([v.record_of(1, 10)]))
    text = "".join(traceback.format_exception(failed.value))
    assert "Integrity" in text or "23505" in text
    for secret in (v.key(1).hex(), v.an_id(10).hex, str(v.an_id(10)), "carrier-a", "parameters"):
        assert secret not in text


@pytest.mark.parametrize("code", ["40001", "40P01", "57P01", "08006", "53300"])
def test_a_passing_failure_is_run_again(open_engines: Callable[[str], Engines], postgres_url: str, code: str) -> None:
    naps = Naps()
    store = Store(open_engines(postgres_url), sleep=naps, jitter=lambda: 0.5)
    assert store.write(fails_with(code, times=2)) == 3
    assert naps.taken == [0.005, 0.01]
    assert not nonce_is_free(store)


def test_an_abort_that_citus_gives_no_code_of_its_own_is_run_again(postgres_store: Store) -> None:
    assert postgres_store.write(fails_with("XX000", "could not commit transaction for shard 102008 on any node")) == 2


@pytest.mark.parametrize("code", ["XX000", "22012", "23514", "42P01"])
def test_a_mistake_is_not_run_again(open_engines: Callable[[str], Engines], postgres_url: str, code: str) -> None:
    naps = Naps()
    store = Store(open_engines(postgres_url), sleep=naps)
    with pytest.raises(StoreFailure, match=code):
        store.write(fails_with(code, constraint="ck_of_ours"))
    assert naps.taken == []


def test_a_partition_that_changed_meanwhile_is_no_constraint_of_ours_and_is_run_again(postgres_store: Store) -> None:
    assert postgres_store.write(fails_with("23514")) == 2


def test_trying_again_has_an_end(open_engines: Callable[[str], Engines], postgres_url: str) -> None:
    naps = Naps()
    store = Store(open_engines(postgres_url), sleep=naps)
    with pytest.raises(Refusal) as refused:
        store.write(fails_with("40001", times=99))
    assert refused.value.problem is Problem.UNAVAILABLE
    assert len(naps.taken) == ATTEMPTS
    assert nonce_is_free(store)


def test_a_full_disk_is_unavailable_and_not_run_again(
    open_engines: Callable[[str], Engines], postgres_url: str
) -> None:
    naps = Naps()
    with pytest.raises(Refusal) as refused:
        Store(open_engines(postgres_url), sleep=naps).write(fails_with("53100"))
    assert refused.value.problem is Problem.UNAVAILABLE
    assert naps.taken == []


def test_a_full_sqlite_file_is_unavailable_and_keeps_nothing(sqlite_store: Store) -> None:
    def work(tx: Transaction) -> None:
        tx.requests.use_nonce("k", "n", NOW)
        raw(tx, "PRAGMA max_page_count = 1")  # SQLite takes the present size where that is more
        tx.openings.append([v.a_log_entry(each, core=b"x" * 4_000) for each in range(100)])

    with pytest.raises(Refusal) as refused:
        sqlite_store.write(work)
    assert refused.value.problem is Problem.UNAVAILABLE
    assert sqlite_store.read(lambda tx: tx.openings.first(1)) == ()


def end_backend(url: str, process: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (process,))


def backend_of(connection: sa.Connection) -> int:
    return connection.connection.driver_connection.info.backend_pid


def test_a_connection_lost_before_the_commit_costs_nothing(
    open_engines: Callable[[str], Engines], postgres_url: str
) -> None:
    store = Store(open_engines(postgres_url), sleep=Naps())
    runs = []

    def work(tx: Transaction) -> bool:
        runs.append(1)
        used = tx.requests.use_nonce("k", "n", NOW)
        if len(runs) == 1:
            end_backend(postgres_url, backend_of(tx.records._connection))
        tx.openings.append([v.a_log_entry(1)])
        return used

    assert store.write(work) is True
    assert len(runs) == 2


def test_a_connection_lost_in_the_commit_is_not_run_again(
    open_engines: Callable[[str], Engines], postgres_url: str
) -> None:
    engines = open_engines(postgres_url)
    store = Store(engines, sleep=Naps())
    runs = []
    event.listen(engines.write, "commit", lambda connection: end_backend(postgres_url, backend_of(connection)))
    with pytest.raises(Refusal, match="not known") as refused:
        store.write(lambda tx: runs.append(tx.requests.use_nonce("k", "n", NOW)))
    assert refused.value.problem is Problem.UNAVAILABLE
    assert runs == [True]


def test_a_warning_in_the_commit_means_that_nobody_knows(postgres_store: Store) -> None:
    """As when the wait for a synchronous standby is cancelled: COMMIT succeeds, with nothing but a WARNING."""

    def work(tx: Transaction) -> None:
        raw(tx, "CREATE TEMP TABLE late (x int)")
        raw(
            tx,
            "CREATE FUNCTION pg_temp.warn() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE WARNING 'not replicated'; RETURN NULL; END $$",
        )
        raw(
            tx,
            "CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION pg_temp.warn()",
        )
        raw(tx, "INSERT INTO late VALUES (1)")

    with pytest.raises(Refusal, match="not known"):
        postgres_store.write(work)
    assert nonce_is_free(postgres_store)


def test_a_warning_before_the_commit_is_no_matter(postgres_store: Store) -> None:
    postgres_store.write(lambda tx: raw(tx, "DO $$ BEGIN RAISE WARNING 'early'; END $$"))


def test_a_stopped_reader_is_served_again(open_engines: Callable[[str], Engines], postgres_url: str) -> None:
    store = Store(open_engines(postgres_url), sleep=Naps())
    end_backend(postgres_url, store.read(lambda tx: backend_of(tx.records._connection)))
    store.ping()


def test_a_database_that_is_not_there_is_unavailable() -> None:
    engines = make_engines("postgresql://postgres@127.0.0.1:1/nothing")
    with pytest.raises(Refusal) as refused:
        Store(engines, sleep=Naps()).ping()
    assert refused.value.problem is Problem.UNAVAILABLE
    engines.close()


def test_sqlite_locked_by_a_stranger_is_tried_again(open_engines: Callable[..., Engines], sqlite_url: str) -> None:
    stranger = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    naps = Naps(during=lambda: stranger.execute("ROLLBACK"))
    store = Store(open_engines(sqlite_url, busy_timeout=0.05), sleep=naps)
    assert nonce_is_free(store)
    assert len(naps.taken) == 1
    stranger.close()


def test_a_writer_that_waits_too_long_at_the_gate_is_told_so(
    open_engines: Callable[..., Engines], sqlite_url: str
) -> None:
    store = Store(open_engines(sqlite_url, gate_timeout=0.05))
    inside, leave = threading.Event(), threading.Event()
    holder = threading.Thread(target=lambda: store.write(lambda tx: (inside.set(), leave.wait(10))))
    holder.start()
    assert inside.wait(10)
    with pytest.raises(Refusal, match="busy"):
        nonce_is_free(store)
    leave.set()
    holder.join(10)
    assert nonce_is_free(store)


def test_readers_do_not_wait_for_a_writer(store: Store) -> None:
    v.founded(store)

    def work(tx: Transaction) -> Participant | None:
        tx.participants.add(v.a_participant("carrier-c"))
        return store.read(lambda reading: reading.participants.get("carrier-c"))

    assert store.write(work) is None
    assert store.read(lambda tx: tx.participants.get("carrier-c")) is not None


def test_a_store_works_on_in_a_forked_worker(open_engines: Callable[[str], Engines], database_url: str) -> None:
    engines = open_engines(database_url)
    store = Store(engines)
    opened = []
    event.listen(engines.write, "connect", lambda connection, _record: opened.append(connection))
    assert nonce_is_free(store)
    store.after_fork()
    assert not nonce_is_free(store)
    store.ping()
    parents, mine = opened
    assert mine is not parents
    parents.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro", "mysql://h/d"])
def test_a_database_that_cannot_keep_the_promises_is_refused(url: str) -> None:
    with pytest.raises((ValueError, ImportError)):
        make_engines(url)


def test_sqlite_is_opened_durable_and_with_foreign_keys(sqlite_store: Store) -> None:
    def pragmas(tx: Transaction) -> list[Any]:
        return [raw(tx, f"PRAGMA {each}").scalar_one() for each in ("journal_mode", "foreign_keys", "synchronous")]

    assert sqlite_store.write(pragmas) == ["wal", 1, 2]
    assert sqlite_store.read(pragmas) == ["wal", 1, 2]


def test_postgresql_is_read_without_a_transaction_around_it(postgres_store: Store) -> None:
    states = postgres_store.read(
        lambda tx: [tx.participants.page(None, 1), tx.records._connection.connection.driver_connection.info]
    )
    assert states[1].transaction_status == psycopg.pq.TransactionStatus.IDLE
