"""Every kind of entry is written by somebody, and no row of any table can be without its entry."""

import json
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from protocol.log_entries import EntryKind
from registry.domain.log import LogEntry
from registry.store.columns import metadata
from registry.store.engines import make_engines
from registry.store.log.naming import compared_tables
from registry.usecases.log.check_rows import rows_without_entry
from tests.support.every_kind import begins, ends, goes_on
from tests.support.root import ROOT
from tests.support.world import World

NAMING = sorted(table.name for table in metadata.tables.values() if "log_entry_id" in table.c)
NO_ENTRY = uuid.UUID("01900000-0000-7000-8000-00000000dead")
REFUSED = (sqlite3.IntegrityError, psycopg.errors.ForeignKeyViolation)

Run = Callable[[str], list[tuple[Any, ...]]]


@contextmanager
def underneath(url: str) -> Iterator[Run]:
    """The database without our code, its foreign keys asleep, in a transaction that is undone."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as lite:
            lite.execute("BEGIN IMMEDIATE")
            yield lambda statement: lite.execute(statement).fetchall()
            lite.execute("ROLLBACK")
        return
    with psycopg.connect(url) as server:

        def run(statement: str) -> list[tuple[Any, ...]]:
            done = server.execute(statement.encode())
            return done.fetchall() if done.description else []

        yield run
        server.rollback()


def foreign_keys(run: Run, url: str, *, awake: bool) -> None:
    """On PostgreSQL: with them every other trigger sleeps. SQLite's own driver has them switched off."""
    if not url.startswith("sqlite"):
        run(f"SET LOCAL session_replication_role = '{'origin' if awake else 'replica'}'")


def entries(world: World) -> list[LogEntry]:
    return list(world.registry.store.read(lambda tx: tx.openings.first(10_000)))


@dataclass(frozen=True)
class Members:
    """The members of one part of a kind: those that are always there, and those that may be."""

    always: frozenset[str]
    at_times: frozenset[str]

    def check(self, given: dict[str, Any], kind: str) -> None:
        assert self.always <= given.keys() <= self.always | self.at_times, kind


def members_of_the_page() -> dict[str, tuple[Members, Members]]:
    """Read the tables of the page: facts and personal part of each kind."""
    text = (ROOT / "docs" / "spec" / "log-entries.md").read_text(encoding="utf-8")
    found = {}
    for kind, facts, personal in re.findall(r"^\| `([a-z.-]+)` \|[^|]*\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE):
        assert kind not in found
        found[kind] = (_members(facts), _members(personal))
    return found


def _members(cell: str) -> Members:
    named = re.findall(r"`([a-z0-9_]+)`(\??)", cell)
    return Members(
        always=frozenset(name for name, mark in named if not mark),
        at_times=frozenset(name for name, mark in named if mark),
    )


@pytest.fixture
def told(world: World, tmp_path: Path) -> World:
    begins(world, tmp_path)
    goes_on(world)
    return world


def test_every_kind_of_entry_is_written_by_somebody(told: World) -> None:
    ends(told)
    assert set(EntryKind) - {each.kind for each in entries(told)} == set()


def test_the_page_of_entries_has_every_kind_with_its_members(told: World) -> None:
    page = members_of_the_page()
    assert set(page) == {each.value for each in EntryKind}
    for entry in entries(told):
        facts, personal = page[entry.kind]
        facts.check(json.loads(entry.core)["facts"], entry.kind)
        if entry.personal is not None:
            personal.check(json.loads(entry.personal), entry.kind)


def test_every_row_of_every_table_names_an_entry_that_is_there(told: World, founded_url: str) -> None:
    known = {each.entry_id for each in entries(told)}
    with underneath(founded_url) as run:
        for table in NAMING:
            named = [uuid.UUID(str(each)) for (each,) in run(f"SELECT log_entry_id FROM {table}")]  # noqa: S608
            assert named, table
            assert set(named) <= known, table


def test_the_database_refuses_a_row_of_any_table_whose_entry_is_not_there(told: World, founded_url: str) -> None:
    del told
    for table in NAMING:
        with underneath(founded_url) as run:
            _take_out(run, founded_url, table)
            run(f"INSERT INTO {table} SELECT * FROM kept")  # noqa: S608 - with its entries every row is taken
        with underneath(founded_url) as run:
            _take_out(run, founded_url, table)
            run(f"UPDATE kept SET log_entry_id = '{NO_ENTRY.hex}'")  # noqa: S608
            with pytest.raises(REFUSED, match="no entry in the log"):
                run(f"INSERT INTO {table} SELECT * FROM kept")  # noqa: S608
        with underneath(founded_url) as run, pytest.raises(REFUSED, match="no entry in the log"):
            run(f"UPDATE {table} SET log_entry_id = '{NO_ENTRY.hex}'")  # noqa: S608


def test_rows_whose_node_need_not_have_their_entry_are_compared_with_the_log(told: World, founded_url: str) -> None:
    assert rows_without_entry(told.registry) == {}
    for table, column in compared_tables().items():
        with closing(make_engines(founded_url)) as engines, engines.write.begin() as connection:
            if founded_url.startswith("sqlite"):
                guard = "names_an_entry_too" if column == "log_entry_id" else "no_update"
                connection.exec_driver_sql(f"DROP TRIGGER {table}_{guard}")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
            entry = NO_ENTRY.hex if founded_url.startswith("sqlite") else str(NO_ENTRY)
            newest = f"SELECT {column} FROM {table} ORDER BY {column} DESC LIMIT 1"  # noqa: S608
            connection.exec_driver_sql(f"UPDATE {table} SET {column} = '{entry}' WHERE {column} = ({newest})")  # noqa: S608
        assert rows_without_entry(told.registry)[table] == 1, table


def _take_out(run: Run, url: str, table: str) -> None:
    """All rows of the table, in one that no rule holds for."""
    run(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}")  # noqa: S608
    foreign_keys(run, url, awake=False)
    run(f"DELETE FROM {table}")  # noqa: S608
    foreign_keys(run, url, awake=True)
