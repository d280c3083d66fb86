"""Holds the steps that several revisions share. Never change them: a revision means the same for ever."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
"""The type of an aware time; on SQLite, which has no zones, whole microseconds since 1970."""


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """Create a table; on PostgreSQL without its foreign keys, which come in a later revision (``add_reference``).

    A distributed engine spreads a table between the two. Those of the tables from before revision 0045 come with it.
    SQLite cannot add a constraint to an existing table, so that its tables have them from the start. The caller gives
    the constraints under their full names in the database.
    """
    if op.get_bind().dialect.name != "sqlite":
        parts = tuple(each for each in parts if not isinstance(each, sa.ForeignKeyConstraint))
    op.create_table(name, *parts, **options)


def add_reference(table: str, columns: Sequence[str], target: str, named: Sequence[str]) -> None:
    """Add a foreign key to a table that an earlier revision made; on PostgreSQL only, see ``create_table``."""
    if op.get_bind().dialect.name != "sqlite":
        name = f"fk_{table}_{'_'.join(columns)}_{target}"
        op.create_foreign_key(name, table, target, list(columns), list(named))


def require_entries(*tables: str) -> None:
    """Refuse rows of these tables whose ``log_entry_id`` is not in the log: the entry must be written first."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in tables:
        if postgresql:
            _check_entries_of(table, "log_entry_must_exist")
            continue
        name = f"{table}_names_an_entry"
        missing = "NOT EXISTS (SELECT 1 FROM log_opening WHERE entry_id = NEW.log_entry_id)"
        refuse = "BEGIN SELECT RAISE(ABORT, 'no entry in the log'); END"
        op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {missing} {refuse}")
        op.execute(
            f"CREATE TRIGGER {name}_too AFTER UPDATE OF log_entry_id ON {table}"
            f" WHEN NEW.log_entry_id IS NOT OLD.log_entry_id AND {missing} {refuse}"
        )


def require_entries_beside(*tables: str) -> None:
    """Let tables that ``require_entries`` knows, and that a subject's key leads, find entries under the row's own key.

    That look-up stays on the row's node, where one by the id alone would ask all nodes. SQLite has one file: there
    the check by the id stays.
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in tables:
        op.execute(f"DROP TRIGGER {table}_names_an_entry ON {table}")
        op.execute(f"DROP TRIGGER {table}_names_an_entry_too ON {table}")
        _check_entries_of(table, "log_entry_must_be_beside")


def _check_entries_of(table: str, function: str) -> None:
    name = f"{table}_names_an_entry"
    op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    op.execute(
        f"CREATE TRIGGER {name}_too AFTER UPDATE OF log_entry_id ON {table} FOR EACH ROW"
        f" WHEN (NEW.log_entry_id IS DISTINCT FROM OLD.log_entry_id) EXECUTE FUNCTION {function}()"
    )


def without_constraint(table: str, constraint: str) -> None:
    """Drop a UNIQUE constraint of several columns.

    SQLite keeps it in the text of the table: the step makes the table again from that text, with its rows, indexes and
    triggers. Foreign keys of other tables still name it; SQLite checks them when the transaction commits.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(constraint, table, type_="unique")
        return
    _make_again(table, rf",?\s*CONSTRAINT {constraint} UNIQUE \([^)]*\)", "")


def with_primary_key(table: str, *columns: str) -> None:
    """Give a table another primary key under the same name; SQLite makes it again, see ``without_constraint``."""
    name, listed = f"pk_{table}", ", ".join(columns)
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, table, type_="primary")
        op.create_primary_key(name, table, list(columns))
        return
    _make_again(table, rf"CONSTRAINT {name} PRIMARY KEY \([^)]*\)", f"CONSTRAINT {name} PRIMARY KEY ({listed})")


def with_longer_text(table: str, column: str, before: int, after: int) -> None:
    """Let a column of text hold more characters; SQLite makes its table again, see ``without_constraint``."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, column, type_=sa.String(after), existing_type=sa.String(before))
        return
    _make_again(table, rf"\b{column} VARCHAR\({before}\)", f"{column} VARCHAR({after})")


def _make_again(table: str, pattern: str, text: str) -> None:
    """Make a table of SQLite again with one part of its text replaced."""
    connection = op.get_bind()
    beside = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    parts = [row[0] for row in connection.exec_driver_sql(beside, (table,))]
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    changed, replaced = re.subn(pattern, text, str(found.scalar_one()))
    if replaced != 1:
        raise LookupError(f"{table} has no such constraint")
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(f"CREATE TEMP TABLE moving AS SELECT * FROM {table}")  # noqa: S608 (our own names)
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(changed)
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM moving")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE moving")
    for each in parts:
        connection.exec_driver_sql(each)
