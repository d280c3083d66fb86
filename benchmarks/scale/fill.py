"""Fills a registry with copies of one real report, each under keys, accounts and ids of its own.

The database makes the rows itself, so that a million records take some minutes. They have the size of real ones, and
their keys fall anywhere, as real ones do. Two records share each home. Checks and triggers sleep meanwhile.
"""

import datetime as dt
import hashlib
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from registry.store.columns import metadata
from registry.store.engines import make_engines

_TABLES = (
    "log_opening",
    "log_personal",
    "log_leaf",
    "person_index",
    "subject",
    "household",
    "record",
    "record_event",
    "account",
    "household_link",
)
"""The tables with rows of a report, those first that others name."""
_SLICE = 100_000
_ID_MILLISECONDS = 1_796_000_000_000
"""The ids' time: the months of the benchmark's own inquiries."""
_FUNCTIONS = f"""
CREATE FUNCTION pg_temp.a_digest(kind text, n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
  AS $$ SELECT sha256(convert_to(kind || n, 'UTF8')) $$;
CREATE FUNCTION pg_temp.a_key(kind text, n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
  AS $$ SELECT substring(sha256(convert_to(kind || n, 'UTF8')) FROM 1 FOR 16) $$;
CREATE FUNCTION pg_temp.id_bytes(place int, n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
  AS $$ SELECT substring(int8send({_ID_MILLISECONDS} + n / 50) FROM 3 FOR 6) || '\\x7000'::bytea
        || substring(sha256(convert_to(place || '/' || n, 'UTF8')) FROM 1 FOR 8) $$;
CREATE FUNCTION pg_temp.an_id(place int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  AS $$ SELECT encode(pg_temp.id_bytes(place, n), 'hex')::uuid $$;
"""  # noqa: S608 - a number of ours


class Database(Protocol):
    """The statements by which one kind of database is filled."""

    prefix: str

    def execute(self, statement: str) -> object: ...

    def literal(self, value: object) -> str: ...

    def series(self, first: int, end: int) -> str: ...


class Postgresql:
    """PostgreSQL: rows come from generate_series."""

    prefix = "pg_temp."

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute(_FUNCTIONS.encode())

    def execute(self, statement: str) -> object:
        return self._connection.execute(statement.encode())

    def literal(self, value: object) -> str:
        return f"'\\x{value.hex()}'::bytea" if isinstance(value, bytes) else f"'{value}'"

    def series(self, first: int, end: int) -> str:
        return f"generate_series({first}::bigint, {end - 1}::bigint) AS g(n)"


class Sqlite:
    """SQLite: rows come from a recursive statement, and the functions are Python's."""

    prefix = ""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        for name, work in (("a_digest", _digest), ("a_key", _key), ("id_bytes", _id_bytes), ("an_id", _an_id)):
            connection.create_function(name, 2, work, deterministic=True)
        for pragma in ("synchronous=OFF", "cache_size=-2000000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    def execute(self, statement: str) -> object:
        return self._connection.execute(statement)

    def literal(self, value: object) -> str:
        if isinstance(value, bytes):
            return f"X'{value.hex()}'"
        return f"'{value.hex}'" if isinstance(value, uuid.UUID) else f"'{value}'"

    def series(self, first: int, end: int) -> str:
        more = f"UNION ALL SELECT n + 1 FROM g WHERE n < {end - 1}"  # noqa: S608 - numbers of ours
        counted = f"WITH RECURSIVE g(n) AS (SELECT {first} {more})"
        return f"({counted} SELECT n FROM g) AS g"  # noqa: S608 - numbers of ours


def _digest(kind: str, n: int) -> bytes:
    return hashlib.sha256(f"{kind}{n}".encode()).digest()


def _key(kind: str, n: int) -> bytes:
    return _digest(kind, n)[:16]


def _id_bytes(place: int, n: int) -> bytes:
    return (_ID_MILLISECONDS + n // 50).to_bytes(8, "big")[2:] + b"\x70\x00" + _digest(f"{place}/", n)[:8]


def _an_id(place: int, n: int) -> str:
    return _id_bytes(place, n).hex()


class Template:
    """The rows of the first report in a registry that has no other."""

    def __init__(self, url: str) -> None:
        with closing(make_engines(url)) as engines, engines.read.connect() as connection:
            rows = {name: _rows(connection, metadata.tables[name]) for name in _TABLES}
        (self._subject,) = {row["subject_key"] for row in rows["subject"]}
        self._homes = sorted({row["household_key"] for row in rows["household"]})
        self._entries = {row["entry_id"] for row in rows["log_personal"] if row["subject_key"] == self._subject}
        self._rows = rows | {
            "log_opening": [row for row in rows["log_opening"] if row["entry_id"] in self._entries],
            "log_leaf": [row for row in rows["log_leaf"] if self._is_own(row["entry_id"])],
        }
        self._leaves = 1_000_000
        ids = {value for each in self._rows.values() for row in each for value in row.values() if _is_id(value)}
        self._ids = {value: place for place, value in enumerate(sorted(ids))}

    def _is_own(self, entry_id: bytes) -> bool:
        return uuid.UUID(bytes=entry_id) in self._entries

    def copy(self, database: Database, first: int, end: int) -> None:
        """Insert the reports with numbers from ``first`` to before ``end``."""
        for name in _TABLES:
            for place, row in enumerate(self._rows[name]):
                database.execute(self._statement(database, name, place, row, database.series(first, end)))

    def _statement(self, database: Database, name: str, place: int, row: dict[str, Any], series: str) -> str:
        table = metadata.tables[name]
        columns = [each.name for each in table.columns]
        values = [self._value(database, name, place, column, row[column]) for column in columns]
        keys = [each.name for each in table.primary_key.columns if not isinstance(row[each.name], dt.datetime)]
        found = " AND ".join(f"t.{each} = {database.literal(row[each])}" for each in keys)
        if name == "household":
            found += " AND g.n % 2 = 0"
        return (
            f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608 - words of ours
            f" FROM {name} AS t CROSS JOIN {series} WHERE {found}"
        )

    def _value(self, database: Database, table: str, place: int, column: str, value: object) -> str:
        made = database.prefix
        if value == self._subject:
            return f"{made}a_key('subject/', g.n)"
        if value in self._homes:
            return f"{made}a_key('home-{self._homes.index(value)}/', g.n / 2)"
        if column == "index_key":
            return f"{made}a_key('index/', g.n)"
        if column == "account_ref":
            return f"{made}a_digest('account/', g.n)"
        if table == "log_leaf" and column == "leaf_index":
            return f"{self._leaves} + g.n * {len(self._rows[table])} + {place}"
        if table == "log_leaf" and column == "entry_id" and isinstance(value, bytes):
            return f"{made}id_bytes({self._ids[uuid.UUID(bytes=value)]}, g.n)"
        return f"{made}an_id({self._ids[value]}, g.n)" if isinstance(value, uuid.UUID) else f"t.{column}"


def _is_id(value: object) -> bool:
    return isinstance(value, uuid.UUID)


def _rows(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


@contextmanager
def _opened(url: str) -> Iterator[tuple[Database, Any]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as lite:
            yield Sqlite(lite), lite
        return
    with psycopg.connect(url) as server:
        yield Postgresql(server), server


def fill(url: str, template: Template, first: int, end: int) -> None:
    """Add the reports from ``first`` to before ``end``, some at a time."""
    with _opened(url) as (database, connection):
        for start in range(first, end, _SLICE):
            template.copy(database, start, min(end, start + _SLICE))
            connection.commit()
