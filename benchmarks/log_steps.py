"""Runs the steps of the log's benchmark: fills, integrates, reads and audits the log of a registry."""

import datetime as dt
import hashlib
import itertools
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.signing.keys import public_bytes, save_private_key
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.proof import Receipt
from crypto.tlog.proofs import hashes_from_tiles, prove_inclusion
from protocol.log_entries import EntryKind, core_json
from registry.domain.ids import uuid7
from registry.domain.log import ENTRY_VERSION, LogEntry
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.policy.rules import DEFAULT_RULES
from registry.store.engines import make_engines
from registry.store.transactions import Store, Transaction
from registry.usecases.clock.guard import ClockGuard
from registry.usecases.context import LogIdentity, Registry, RegistryKeys
from registry.usecases.log.check_log import check_tree
from registry.usecases.log.integrate import integrate
from registry.usecases.log.tree import tiles_of
from registry.wiring import system_sources
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from registry.work.signer import LogSigner

BEGIN = dt.datetime.now(dt.UTC)
"""The entries are of now: a clock that has passed by them for days would be in doubt."""
YEAR = BEGIN.year
_PUBLISH = 10
"""The number of batches after which a round publishes."""
_VACUUM = 20_000
"""The number of leaves after which `log_pending` is vacuumed: autovacuum, once a minute, is too slow here."""
TABLES = ("log_leaf", "log_tile", "log_head", "log_pending")


def an_entry(number: int, at: dt.datetime) -> LogEntry:
    """Make an inquiry's entry, of the size and in the disorder of real ones."""
    entry_id = uuid7(at, os.urandom)
    core = core_json(
        kind=EntryKind.INQUIRY,
        entry_id=entry_id,
        at=at,
        participant="carrier-a",
        request_digest=bytes(32),
        personal=bytes(32),
        facts={"decision": "PAY_FIRST", "service": "MOBILE_POSTPAID", "hits": 1},
    )
    return LogEntry(
        subject_key=hashlib.sha256(str(number).encode()).digest()[:16],
        entry_id=entry_id,
        kind=EntryKind.INQUIRY.value,
        at=at,
        participant_id="carrier-a",
        request_id=entry_id,
        core=core,
        core_salt=os.urandom(32),
        personal=b'{"subject":"' + b"0" * 32 + b'"}',
        personal_salt=os.urandom(32),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The seconds of one integration in wall and CPU time, and of hashing as many leaves once after it."""

    seconds: float
    processor: float
    hashing: float


class LogBench:
    """One database with one log."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        save_private_key(key, folder / "log.pem")
        self._url = url
        self._store = Store(make_engines(url))
        self._registry = Registry(
            name="bench",
            public_url="https://registry.example",
            store=self._store,
            keys=RegistryKeys(
                peppers={1: bytes(32)},
                key_encryption_keys={1: bytes(32)},
                current_key_encryption_epoch=1,
                signing_key_id="registry-1",
                signing_key=key,
            ),
            log=LogIdentity(name="registry.example/log", public_key=public_bytes(key)),
            founding_rules=DEFAULT_RULES,
            clock=lambda: dt.datetime.now(dt.UTC),
            guard=ClockGuard(system_sources(), DEFAULT_CLOCK_TERMS),
            random=os.urandom,
        )
        self._sign = LogSigner(folder / "log.pem", public_bytes(key))
        self._heads = LogHeads(folder / "log-heads", self._registry.log)
        self._integrator = Integrator(self._registry, self._heads, self._sign)
        self._numbers = itertools.count()

    def close(self) -> None:
        self._store.close()

    def integrate(self, leaves: int, batch: int) -> list[Batch]:
        """Acknowledge a batch and integrate it, again and again, as a registry without backlog does."""
        spent: list[Batch] = []
        known = None
        for number in range(leaves // batch):
            self._fill(batch)
            start, processor = time.perf_counter(), time.thread_time()
            done = integrate(self._registry, YEAR, known, self._sign, batch)
            seconds, processor = time.perf_counter() - start, time.thread_time() - processor
            assert done.count == batch
            spent.append(Batch(seconds=seconds, processor=processor, hashing=_hashing(done.count)))
            if number % _PUBLISH == _PUBLISH - 1:
                assert self._integrator.round().faults == ()
                known = self._known()
            if (number + 1) * batch % _VACUUM == 0:
                vacuum(self._url)
        assert self._integrator.round().faults == ()
        return spent

    def publish_seconds(self) -> float:
        """Run a whole round of the integrator for one entry: two more syncs to disk than the batch itself."""
        self._fill(1)
        start = time.perf_counter()
        assert self._integrator.round().integrated == 1
        return time.perf_counter() - start

    def receipts(self, count: int) -> tuple[list[int], list[float]]:
        """Measure bytes and seconds of receipts for places all over the tree, by the entry's id, from the database."""
        head = self._store.read(lambda tx: tx.trees.head(YEAR))
        assert head is not None
        places = range(0, head.size, max(1, head.size // count))
        ids = [self._store.read(lambda tx, at=at: tx.trees.leaves(YEAR, at, at + 1))[0][0] for at in places]
        sizes, times = [], []
        for entry_id in ids:
            start = time.perf_counter()
            raw = self._store.read(lambda tx, entry_id=entry_id: _receipt(tx, entry_id))
            times.append(time.perf_counter() - start)
            sizes.append(len(raw))
        return sizes, times

    def rederive(self) -> float:
        """Measure the seconds to compute the whole tree from its stored leaves."""
        start = time.perf_counter()
        head = self._store.read(lambda tx: tx.trees.head(YEAR))
        assert head is not None
        frontier = Frontier()
        while frontier.size < head.size:
            at = frontier.size
            kept = self._store.read(lambda tx, at=at: tx.trees.leaves(YEAR, at, min(at + 8_192, head.size)))
            frontier = append(frontier, leaf_hashes(ENTRY_VERSION + digest for _, digest in kept)).frontier
        assert frontier.root() == head.root
        return time.perf_counter() - start

    def check(self) -> float:
        """Measure the seconds of `clearline registry log check`: leaves, entries, tiles, head and published file."""
        start = time.perf_counter()
        report = check_tree(self._registry, YEAR, self._known(), _silent)
        assert not report.faults, report.faults
        return time.perf_counter() - start

    def under_load(self, *, seconds: int, per_second: int) -> list[float]:
        """Measure the seconds from an entry's commit to the published head with it, under two steady writers."""
        stop = threading.Event()
        committed: list[tuple[bytes, float]] = []
        shown: list[tuple[float, int]] = []
        threads = [
            threading.Thread(target=self._integrator.run, args=(stop,)),
            threading.Thread(target=self._watch, args=(stop, shown)),
        ]
        for each in threads:
            each.start()
        begin = time.monotonic()
        for turn in range(seconds * per_second):
            time.sleep(max(0.0, begin + turn / per_second - time.monotonic()))
            entry = an_entry(next(self._numbers), dt.datetime.now(dt.UTC))
            self._store.write(lambda tx, entry=entry: tx.openings.append([entry]))
            committed.append((entry.entry_id.bytes, time.monotonic()))
        time.sleep(2)
        stop.set()
        for each in threads:
            each.join()
        shard = dt.datetime.now(dt.UTC).year
        waits = []
        for entry_id, at in committed:
            place = self._store.read(lambda tx, entry_id=entry_id: tx.trees.place(entry_id))
            assert place is not None
            assert place.shard == shard
            waits.append(next(moment for moment, size in shown if size > place.index) - at)
        return waits

    def _watch(self, stop: threading.Event, shown: list[tuple[float, int]]) -> None:
        year = dt.datetime.now(dt.UTC).year
        while not stop.is_set():
            head = self._store.read(lambda tx: tx.trees.head(year))
            if head is not None and head.published is not None:
                size = parse_signed_checkpoint(head.published).checkpoint.size
                if not shown or size > shown[-1][1]:
                    shown.append((time.monotonic(), size))
            time.sleep(0.005)

    def _fill(self, count: int) -> None:
        entries = [
            an_entry(number, BEGIN + dt.timedelta(microseconds=100 * number))
            for number in itertools.islice(self._numbers, count)
        ]
        self._store.write(lambda tx: tx.openings.append(entries))

    def _known(self) -> Checkpoint | None:
        with self._heads.held(YEAR) as held:
            return held.read()


def _hashing(count: int) -> float:
    entries = [number.to_bytes(33, "big") for number in range(count)]
    start = time.thread_time()
    append(Frontier(), leaf_hashes(entries)).frontier.root()
    return time.thread_time() - start


def _receipt(tx: Transaction, entry_id: bytes) -> bytes:
    place = tx.trees.place(entry_id)
    assert place is not None
    head = tx.trees.head(place.shard)
    assert head is not None
    assert head.published is not None
    signed = parse_signed_checkpoint(head.published)
    size = signed.checkpoint.size
    hashes = prove_inclusion(place.index, size, hashes_from_tiles(size, tiles_of(tx, head)))
    return Receipt(index=place.index, hashes=hashes, signed=signed).encode()


def _silent(_done: int, _size: int) -> None:
    """Report no progress."""


def vacuum(url: str, tables: Sequence[str] = ("log_pending",)) -> None:
    """Run a plain VACUUM, which only frees room; SQLite does not need it."""
    if url.startswith("sqlite"):
        return
    import psycopg  # noqa: PLC0415 - a benchmark of SQLite does without

    with psycopg.connect(url, autocommit=True) as connection:
        for table in tables:
            connection.execute(f"VACUUM {table}".encode())


def table_bytes(url: str) -> int:
    """Return the bytes of the trees with their indexes, without the openings, after a plain VACUUM on PostgreSQL."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            names = ",".join("?" * len(TABLES))
            tables = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({names})"  # noqa: S608 - question marks
            query = f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({tables})"  # noqa: S608 - as above
            return int(connection.execute(query, TABLES).fetchone()[0])
    import psycopg  # noqa: PLC0415 - a benchmark of SQLite does without

    total = 0
    vacuum(url, TABLES)
    with psycopg.connect(url, autocommit=True) as connection:
        for table in TABLES:
            row = connection.execute("SELECT pg_total_relation_size(%s::regclass)", (table,)).fetchone()
            total += 0 if row is None else row[0]
    return total
