"""Holds the steps that several revisions share. Never change them: a revision means the same for ever."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
"""The type of an aware time; on SQLite, which has no zones, whole microseconds since 1970."""


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """Create a table; its foreign keys come in a step of their own, if the database has such a step.

    A distributed engine spreads a table between the two steps. SQLite cannot add a constraint to an existing table, so
    that its tables have them from the start (a batch copy of each table would do the same). The caller gives the
    constraints under their full names in the database.
    """
    foreign = [each for each in parts if isinstance(each, sa.ForeignKeyConstraint)]
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(name, *parts, **options)
        return
    op.create_table(name, *(each for each in parts if not isinstance(each, sa.ForeignKeyConstraint)), **options)
    for each in foreign:
        targets = [element.target_fullname.split(".") for element in each.elements]
        columns = [column for _, column in targets]
        op.create_foreign_key(str(each.name), name, targets[0][0], list(each.column_keys), columns)


def require_entries(*tables: str) -> None:
    """Refuse rows of these tables whose ``log_entry_id`` is not in the log: the entry must be written first."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in tables:
        name = f"{table}_names_an_entry"
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION log_entry_must_exist()"
            )
            op.execute(
                f"CREATE TRIGGER {name}_too AFTER UPDATE OF log_entry_id ON {table} FOR EACH ROW"
                " WHEN (NEW.log_entry_id IS DISTINCT FROM OLD.log_entry_id) EXECUTE FUNCTION log_entry_must_exist()"
            )
            continue
        missing = "NOT EXISTS (SELECT 1 FROM log_opening WHERE entry_id = NEW.log_entry_id)"
        refuse = "BEGIN SELECT RAISE(ABORT, 'no entry in the log'); END"
        op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} WHEN {missing} {refuse}")
        op.execute(
            f"CREATE TRIGGER {name}_too AFTER UPDATE OF log_entry_id ON {table}"
            f" WHEN NEW.log_entry_id IS NOT OLD.log_entry_id AND {missing} {refuse}"
        )


def without_constraint(table: str, constraint: str) -> None:
    """Drop a UNIQUE constraint of several columns.

    SQLite keeps it in the text of the table: the step makes the table again from that text, with its rows, indexes and
    triggers. Foreign keys of other tables still name it; SQLite checks them when the transaction commits.
    """
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(constraint, table, type_="unique")
        return
    connection = op.get_bind()
    beside = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    parts = [row[0] for row in connection.exec_driver_sql(beside, (table,))]
    text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    whole = str(text.scalar_one())
    bare, dropped = re.subn(rf",?\s*CONSTRAINT {constraint} UNIQUE \([^)]*\)", "", whole)
    if dropped != 1:
        raise LookupError(f"{table} has no constraint {constraint}")
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    connection.exec_driver_sql(f"CREATE TEMP TABLE moving AS SELECT * FROM {table}")  # noqa: S608 (our own names)
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(bare)
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM moving")  # noqa: S608
    connection.exec_driver_sql("DROP TABLE moving")
    for each in parts:
        connection.exec_driver_sql(each)
