"""Brings a database to an older revision, and fills it with the columns that it has then."""

from contextlib import closing
from dataclasses import replace

import sqlalchemy as sa
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from registry.domain.log import LogEntry
from registry.store import columns
from registry.store.engines import make_engines
from registry.store.migrate import _config
from registry.store.transactions import exclusive

_OPENING = sa.Table(
    "log_opening",
    sa.MetaData(),
    columns.key(),
    columns.uuid("entry_id"),
    columns.text("kind", 48),
    columns.time("at"),
    columns.text("participant_id", 64),
    columns.uuid("request_id", nullable=True),
    columns.octets("core"),
    columns.octets("core_salt"),
    columns.octets("personal", nullable=True),
    columns.octets("personal_salt", nullable=True),
    columns.uuid("erased_by", nullable=True),
)
"""Openings before revision 0047: whole, those of nobody under zeros."""


def before(revision: str) -> str:
    """The revision that a revision builds on."""
    found = ScriptDirectory.from_config(_config()).get_revision(revision).down_revision
    assert isinstance(found, str)
    return found


def upgrade_to(url: str, revision: str) -> None:
    """Apply the revisions up to one."""
    with closing(make_engines(url)) as engines, exclusive(engines) as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def run_again(connection: sa.Connection, revision: str) -> None:
    """Run one revision on a database that has all of them, but not what this one makes."""
    module = ScriptDirectory.from_config(_config()).get_revision(revision).module
    with Operations.context(MigrationContext.configure(connection)):
        module.upgrade()


def insert_entries(connection: sa.Connection, *entries: LogEntry) -> None:
    """Insert entries of the log as they were before revision 0047."""
    insert(connection, _OPENING, *(replace(each, subject_key=each.subject_key or bytes(16)) for each in entries))


def insert(connection: sa.Connection, table: sa.Table, *values: object, **named: str) -> None:
    """Insert values into a table as it is in the database: what a later revision adds is left out.

    ``named`` says by which attribute path a column is found, where the value calls it otherwise.
    """
    there = {each["name"] for each in sa.inspect(connection).get_columns(table.name)}
    for value in values:
        row = {each: _found(value, named.get(each, each)) for each in there & set(table.c.keys())}
        connection.execute(sa.insert(table).values(row))


def _found(value: object, path: str) -> object:
    for name in path.split("."):
        value = getattr(value, name)
    return value
