"""Open a database with two engines, one that writes and one that only reads."""

import logging
import sqlite3
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine

from registry.store.database_url import read_url
from registry.store.distribution import SPREAD
from registry.store.errors import DatabaseUrlRefused
from registry.store.silence import connect_bounded
from registry.store.write_gate import WriteGate
from serving.files import guard_database

LATE_WARNING: Final = "clearline_late_warning"
"""The key under which a PostgreSQL connection notes a warning of the server; see ``transactions``."""

_READS: Final = ("SELECT", "BEGIN", "PRAGMA", "select")
"""The start of a reader's statement; SQLAlchemy's own question for the version is in small letters."""

_log: Final = logging.getLogger(__name__)


class ReadOnly(Exception):
    """Work in ``Store.read`` tried to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """The engines, and the gate of the writers where the database takes one at a time (SQLite)."""

    write: Engine
    read: Engine
    gate: WriteGate | None

    def after_fork(self) -> None:
        """In a forked child, forget the parent's connections without closing them, and its place at the gate."""
        self.write.dispose(close=False)
        self.read.dispose(close=False)
        if self.gate is not None:
            self.gate.after_fork()

    def close(self) -> None:
        self.write.dispose()
        self.read.dispose()
        if self.gate is not None:
            self.gate.close()


def make_engines(
    database_url: str,
    *,
    pool_size: int = 5,
    max_overflow: int = 5,
    pool_timeout: float = 10.0,
    busy_timeout: float = 10.0,
    gate_timeout: float = 30.0,
    connect_timeout: int = 3,
    prepared_statements: bool = False,
    spread: bool = False,
) -> Engines:
    """Make the engines for ``sqlite:///file`` or ``postgresql://...``; nothing is opened yet. Times in seconds.

    ``prepared_statements`` lets the driver prepare frequent statements, on PostgreSQL: only where no pooler that hands
    a server connection to another client after each transaction stands between. ``spread`` says that the database
    keeps its tables on several nodes by their distribution columns: row locks are then taken key by key.
    """
    url = read_url(database_url)
    pool: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": max_overflow,
        "pool_timeout": pool_timeout,
        "hide_parameters": True,
    }
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite(url, pool, busy_timeout=busy_timeout, gate_timeout=gate_timeout)
    if backend == "postgresql":
        engines = _postgresql(url, pool, connect_timeout=connect_timeout, prepared_statements=prepared_statements)
        if spread:
            for engine in (engines.write, engines.read):
                event.listen(engine, "connect", _note_spread)
        return engines
    raise DatabaseUrlRefused("the registry runs on sqlite and on postgresql")


def _sqlite(url: URL, pool: dict[str, Any], *, busy_timeout: float, gate_timeout: float) -> Engines:
    file = url.database
    if not file or file == ":memory:" or url.query:
        raise DatabaseUrlRefused("the registry needs a plain SQLite file: sqlite:///path")
    url = url.set(drivername="sqlite+pysqlite")
    options = pool | {"connect_args": {"timeout": busy_timeout}, "poolclass": sa.QueuePool}
    write = sa.create_engine(url, **options)
    read = sa.create_engine(url, **options)
    for engine in (write, read):
        event.listen(engine, "do_connect", partial(_guard, Path(file)))
    event.listen(write, "connect", _open_sqlite_writer)
    event.listen(read, "connect", _open_sqlite)
    event.listen(write, "begin", _begin_immediate)
    event.listen(read, "begin", _begin_deferred)
    event.listen(read, "before_cursor_execute", _refuse_to_write)
    return Engines(write=write, read=read, gate=WriteGate(Path(file), timeout=gate_timeout))


def _guard(file: Path, *_arguments: object) -> None:
    """Make the file before each connection: the first opener creates it, and SQLite would use the umask's mode."""
    guard_database(file)


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction control leaks savepoints and begins late: it is switched off, we say BEGIN.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")
    # Overwrite deleted rows: nobody may read a purged record out of a free page.
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA cache_size=-32768")


def _open_sqlite_writer(connection: sqlite3.Connection, record: object) -> None:
    _open_sqlite(connection, record)
    # Ask first: changing the mode takes a lock that the busy timeout does not wait for, being in it takes none.
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        connection.execute("PRAGMA journal_mode=WAL")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _refuse_to_write(_connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    if not statement.startswith(_READS):
        raise ReadOnly("Store.read does not write")


def _postgresql(url: URL, pool: dict[str, Any], *, connect_timeout: int, prepared_statements: bool) -> Engines:
    url = url.set(drivername="postgresql+psycopg")
    arguments: dict[str, Any] = {"application_name": "clearline"}
    if "connect_timeout" not in url.query:
        arguments["connect_timeout"] = connect_timeout
    if not prepared_statements:
        # A prepared statement belongs to one server connection. Behind a pooler the next transaction runs on another
        # one: the name is unknown there, or it is another client's statement and would run with our parameters.
        arguments["prepare_threshold"] = None
    options = pool | {"connect_args": arguments}
    write = sa.create_engine(url, isolation_level="READ COMMITTED", **options)
    # At READ COMMITTED each statement has a snapshot of its own, so a BEGIN and a ROLLBACK around reads would only
    # add two round trips.
    read = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
    for engine in (write, read):
        event.listen(engine, "do_connect", connect_bounded)
        if prepared_statements:
            event.listen(engine, "connect", _plan_once)
    event.listen(write, "connect", _watch_warnings)
    event.listen(read, "before_cursor_execute", _refuse_to_write)
    return Engines(write=write, read=read, gate=None)


def _note_spread(_connection: object, record: Any) -> None:
    record.info[SPREAD] = True


def _plan_once(connection: Any, _record: object) -> None:
    """Let a prepared statement keep one plan.

    Left to itself, PostgreSQL plans a statement for lists of keys anew each time: it thinks the plan for any number of
    keys dearer than the plan for those at hand. That took a quarter of an inquiry (benchmarks/results/plans.json).
    """
    before, connection.autocommit = connection.autocommit, True
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.autocommit = before


def _watch_warnings(connection: psycopg.Connection[Any], record: Any) -> None:
    """Note each WARNING: a COMMIT whose wait for the standby was cancelled succeeds and only warns."""

    def note(diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            record.info[LATE_WARNING] = True
            _log.warning("PostgreSQL warned with SQLSTATE %s", diagnostic.sqlstate)

    connection.add_notice_handler(note)
