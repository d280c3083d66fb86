"""The custodian's ledger counts each carrier's elements of each day and stores used nonces. It stores no element."""

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from serving.files import guard_database

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS evaluation_count (
    carrier TEXT NOT NULL, day TEXT NOT NULL, elements INTEGER NOT NULL CHECK (elements >= 0),
    CONSTRAINT pk_evaluation_count PRIMARY KEY (carrier, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used_nonce (
    key_id TEXT NOT NULL, nonce TEXT NOT NULL, expires_at INTEGER NOT NULL,
    CONSTRAINT pk_used_nonce PRIMARY KEY (key_id, nonce)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ix_used_nonce_expires_at ON used_nonce (expires_at);
CREATE TABLE IF NOT EXISTS probe (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), written INTEGER NOT NULL);
"""
_FORGET_NONCES: Final = "DELETE FROM used_nonce WHERE expires_at < ?"
_USE_NONCE: Final = "INSERT INTO used_nonce VALUES (?, ?, ?)"
_PROBE: Final = "INSERT INTO probe VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET written = written + 1"
_PROBE_AGAIN: Final = dt.timedelta(seconds=5)
_CONSUME: Final = """
INSERT INTO evaluation_count (carrier, day, elements) SELECT :carrier, :day, :elements WHERE :elements <= :quota
ON CONFLICT (carrier, day) DO UPDATE SET elements = elements + excluded.elements
    WHERE elements + excluded.elements <= :quota
"""


class LedgerUnusable(Exception):
    """The file cannot be opened; the message names it and the reason."""


class LedgerFull(Exception):
    """The ledger cannot write: its disk is full or fails. The request changed nothing."""


class NonceUsed(Exception):
    """The same key signed with the same nonce before: a replay."""


class QuotaExceeded(Exception):
    """The request would exceed the carrier's quota of this day; nothing was counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceUse:
    """A nonce that a request uses now, and that is remembered for the time ``keep``."""

    key_id: str
    nonce: str = field(repr=False)
    now: dt.datetime
    keep: dt.timedelta


class Ledger:
    """One SQLite file behind a lock, for any number of threads and processes.

    ``synchronous=FULL`` puts a count or a nonce on disk before the custodian acts on it, so that a crash neither
    gives quota back nor lets a request be replayed.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._probed: tuple[dt.datetime, bool] | None = None
        guard_database(path)
        try:
            self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
        except sqlite3.DatabaseError as trouble:
            raise LedgerUnusable(f"{path}: the ledger cannot be opened: {trouble}") from None

    def use_nonce(self, key_id: str, nonce: str, *, now: dt.datetime, keep: dt.timedelta) -> None:
        """Burn a nonce; delete those whose signatures are too old to pass the freshness check."""
        with self._writing() as connection:
            _burn(connection, NonceUse(key_id=key_id, nonce=nonce, now=now, keep=keep))

    def consume(self, carrier: str, *, day: dt.date, elements: int, quota: int, use: NonceUse | None = None) -> None:
        """Count ``elements`` against the day's quota, all of them or none; burn the request's nonce in the same commit.

        Raises NonceUsed, which counts nothing, and QuotaExceeded, which leaves the nonce burnt.
        """
        values = {"carrier": carrier, "day": day.isoformat(), "elements": elements, "quota": quota}
        with self._writing() as connection:
            if use is not None:
                _burn(connection, use)
            is_counted = connection.execute(_CONSUME, values).rowcount == 1
        if not is_counted:
            raise QuotaExceeded

    def evaluated(self, carrier: str, *, day: dt.date) -> int:
        """Return the number of elements that were counted for a carrier on a day."""
        with self._lock:
            row = self._connection.execute(
                "SELECT elements FROM evaluation_count WHERE carrier = ? AND day = ?", (carrier, day.isoformat())
            ).fetchone()
        return 0 if row is None else int(row[0])

    def tally(self, day: dt.date) -> dict[str, int]:
        """Return each carrier's number of elements of a day, without zeros. Counts are never deleted."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT carrier, elements FROM evaluation_count WHERE day = ? AND elements > 0 ORDER BY carrier",
                (day.isoformat(),),
            ).fetchall()
        return {str(carrier): int(elements) for carrier, elements in rows}

    def first_day(self) -> dt.date | None:
        """Return the first day with a count; this ledger knows nothing of the days before it."""
        with self._lock:
            (day,) = self._connection.execute("SELECT min(day) FROM evaluation_count").fetchone()
        return None if day is None else dt.date.fromisoformat(day)

    def takes_writes(self, now: dt.datetime) -> bool:
        """Write a probe row and tell whether that worked; the result is reused for some seconds."""
        if self._probed is None or abs(now - self._probed[0]) >= _PROBE_AGAIN:
            try:
                with self._writing() as connection:
                    connection.execute(_PROBE)
            except LedgerFull:
                self._probed = now, False
            else:
                self._probed = now, True
        return self._probed[1]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        # Begin IMMEDIATE: two processes that read first and then write would fail on the upgrade instead of waiting.
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as trouble:
                self._roll_back()
                raise LedgerFull(trouble.sqlite_errorname) from None
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        """End the transaction, also after a COMMIT that found no room; SQLite may have ended it already."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _burn(connection: sqlite3.Connection, use: NonceUse) -> None:
    connection.execute(_FORGET_NONCES, (int(use.now.timestamp()),))
    expires_at = int((use.now + use.keep).timestamp()) + 1
    try:
        connection.execute(_USE_NONCE, (use.key_id, use.nonce, expires_at))
    except sqlite3.IntegrityError:
        raise NonceUsed from None
