"""Kinds of statement that a distributed engine refuses, read off revisions, triggers and the statements of tests."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import event

from registry.store.columns import metadata
from registry.store.distribution import are_together, column_of
from registry.store.engines import make_engines
from registry.store.log.naming import compared_tables
from registry.store.migrate import _config, differences, upgrade
from registry.store.transactions import exclusive
from tests.storage.revisions import before, upgrade_to
from tests.support.databases import PostgresServer

_REFERENCES = "0045"
_CREATED = re.compile(r"^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.IGNORECASE)
_REFERRING = re.compile(r"^\s*(?:ALTER|CREATE) TABLE (\w+)\b.*\bREFERENCES\b", re.IGNORECASE | re.DOTALL)
_REVISION = re.compile(r"alembic_version SET version_num='(\w+)'|alembic_version \(version_num\) VALUES \('(\w+)'\)")
_ASKED = re.compile(r"\bFROM (\w+)(?: WHERE ([^)]*))?", re.IGNORECASE)
_BODIES = (
    "SELECT relname, proname, prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal AND tgparentid = 0"
)
_KEYS = (
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE contype = 'f' AND conparentid = 0 ORDER BY 1, 2"
)


def hasty(revisions: Mapping[str, Sequence[str]]) -> list[str]:
    """Name the tables that have a foreign key in the revision which makes them, by the statements of each."""
    found = []
    for revision, statements in revisions.items():
        made = {match[1] for match in map(_CREATED.match, statements) if match}
        referring = {match[1] for match in map(_REFERRING.match, statements) if match}
        found += [f"{revision} makes {each} with a foreign key" for each in sorted(made & referring)]
    return found


def reaching_out(table: str, body: str) -> list[str]:
    """Name the spread tables that a trigger's function asks outside the node of the trigger's row."""
    found = []
    for asked, condition in _ASKED.findall(body):
        if (target := metadata.tables.get(asked.lower())) is None or (column := column_of(target)) is None:
            continue
        keyed = re.search(rf"\b{column} = (?:NEW\.{column}|\$\d)", condition) is not None
        if not (keyed and are_together(metadata.tables[table], target)):
            found.append(f"{table}: its trigger asks every node for {asked}")
    return found


@pytest.fixture(scope="module")
def revisions(postgres: PostgresServer) -> Iterator[dict[str, list[str]]]:
    """The statements of each revision on an empty PostgreSQL."""
    name = postgres.empty()
    by_revision: dict[str, list[str]] = {}
    ran: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        ran.append(statement)
        if marked := _REVISION.search(statement):
            by_revision[marked[1] or marked[2]] = list(ran)
            ran.clear()

    with closing(make_engines(postgres.url(name))) as engines, exclusive(engines) as connection:
        event.listen(connection, "before_cursor_execute", note)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    yield by_revision
    postgres.drop(name)


def test_no_revision_adds_a_foreign_key_to_a_table_that_it_makes(revisions: dict[str, list[str]]) -> None:
    assert len(revisions) > 30
    assert hasty(revisions) == []


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE a (b INTEGER REFERENCES c (b))"],
        ["\nCREATE TABLE a (\n b INTEGER, CONSTRAINT fk_a FOREIGN KEY(b) REFERENCES c (b)\n)\n"],
        ["CREATE TABLE a (b INTEGER)", "ALTER TABLE a ADD CONSTRAINT fk_a FOREIGN KEY(b) REFERENCES c (b)"],
    ],
)
def test_the_lint_finds_a_foreign_key_of_the_same_step(statements: list[str]) -> None:
    assert hasty({"0099": statements}) == ["0099 makes a with a foreign key"]
    assert hasty({"0099": statements[:-1], "0100": ["ALTER TABLE a ADD FOREIGN KEY(b) REFERENCES c (b)"]}) == []


def test_a_database_with_its_foreign_keys_from_before_ends_like_a_fresh_one(postgres: PostgresServer) -> None:
    old, fresh = postgres.empty(), postgres.empty()
    upgrade_to(postgres.url(old), before(_REFERENCES))
    with closing(make_engines(postgres.url(old))) as engines, exclusive(engines) as connection:
        there = set(sa.inspect(connection).get_table_names())
        for table in (each for each in metadata.sorted_tables if each.name in there):
            for each in table.foreign_key_constraints:
                connection.execute(sa.schema.AddConstraint(each, isolate_from_table=False))
    keys = []
    for name in (old, fresh):
        upgrade(postgres.url(name))
        assert differences(postgres.url(name)) == []
        with psycopg.connect(postgres.url(name)) as server:
            keys.append(server.execute(_KEYS).fetchall())
    assert keys[0] == keys[1]
    assert len(keys[0]) == sum(len(each.foreign_key_constraints) for each in metadata.tables.values())
    postgres.drop(old)
    postgres.drop(fresh)


def test_a_trigger_looks_only_into_its_own_node(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as server:
        bodies = server.execute(_BODIES).fetchall()
    asking = {table for table, _, body in bodies if "FROM" in body}
    assert len(asking) > 25
    found = [each for table, _, body in bodies for each in reaching_out(table, body)]
    # These triggers go when the engine is spread, and `clearline registry log check` takes their place.
    assert {each.partition(":")[0] for each in found} == set(compared_tables())


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("record", "IF EXISTS (SELECT 1 FROM log_opening WHERE entry_id = NEW.log_entry_id)"),
        ("record", "IF EXISTS (SELECT 1 FROM log_opening)"),
        ("household_rebuttal", "(SELECT 1 FROM log_personal WHERE subject_key = NEW.subject_key AND entry_id = $1)"),
        ("participant", "(SELECT 1 FROM log_pending WHERE entry_id = NEW.log_entry_id)"),
    ],
)
def test_the_lint_finds_a_trigger_that_asks_other_nodes(table: str, body: str) -> None:
    assert reaching_out(table, body)
    assert (
        reaching_out("record", "(SELECT 1 FROM log_personal WHERE subject_key = NEW.subject_key AND entry_id = $1)")
        == []
    )
