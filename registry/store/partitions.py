"""Make and drop the monthly partitions of the tables that grow by the day (PostgreSQL only)."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from registry.domain.ids import first_uuid7
from registry.store.repository import Repository, fan_out

_DECEMBER: Final = 12
_EXISTS: Final = sa.select(sa.func.to_regclass(sa.bindparam("name")).is_not(None))

_PARTITIONS: Final = sa.text(
    "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = to_regclass(:name)"
)


def _as_month(month: int) -> str:
    return f"{month:d}"


def _as_id(month: int) -> str:
    """Return the lowest id of a month: ids begin with their time."""
    return f"'{first_uuid7(dt.datetime(month // 100, month % 100, 1, tzinfo=dt.UTC))}'"


PARTITIONED: Final[Mapping[str, tuple[str, Callable[[int], str]]]] = {
    "inquiry": ("month", _as_month),
    "log_opening": ("entry_id", _as_id),
}
"""The partitioning column of each table, and the form of a month's beginning in it."""

_APPEND_ONLY: Final = frozenset({"log_opening"})


def next_month(month: int) -> int:
    """Return the month after one written as 202611."""
    return month + 1 if month % 100 < _DECEMBER else month + 100 - (_DECEMBER - 1)


class Partitions(Repository):
    """Upkeep that the worker runs well ahead of each month. SQLite has no partitions and keeps one table."""

    @fan_out
    def ensure(self, months: Iterable[int]) -> None:
        """Make the missing partitions of the months; rows already in the default one move over."""
        if self._is_sqlite:
            return
        for month in months:
            for table in PARTITIONED:
                name = f"{table}_m{month:06d}"
                if not self._connection.execute(_EXISTS, {"name": name}).scalar_one():
                    self._create(table, name, month)

    @fan_out
    def drop(self, table: str, before: int) -> int:
        """Drop a table's partitions of the months before one; returns the number of their rows."""
        if self._is_sqlite:
            return 0
        run = self._connection.exec_driver_sql
        prefix = f"{table}_m"
        names = self._connection.execute(_PARTITIONS, {"name": table}).scalars().all()
        rows = 0
        for name in sorted(each for each in names if each.startswith(prefix)):
            if int(name.removeprefix(prefix)) < before:
                rows += run(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608 - the name is of our making
                run(f"DROP TABLE {name}")
        return rows

    @fan_out
    def count(self, table: str) -> int:
        """Count the partitions of a table, the default one included; SQLite has none."""
        if self._is_sqlite:
            return 0
        return len(self._connection.execute(_PARTITIONS, {"name": table}).all())

    def _create(self, table: str, name: str, month: int) -> None:
        # All words are constants and the bounds follow from an integer: no input enters the text.
        run = self._connection.exec_driver_sql
        column, written = PARTITIONED[table]
        first, end = written(month), written(next_month(month))
        run(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        # Moving is no deletion, but the trigger that forbids deletions cannot tell: disable it for these statements,
        # under an exclusive lock; it is enabled again with the commit or with the rollback.
        run(f"ALTER TABLE {table}_default DISABLE TRIGGER USER")
        run(
            f"WITH moved AS (DELETE FROM {table}_default"  # noqa: S608
            f" WHERE {column} >= {first} AND {column} < {end} RETURNING *) INSERT INTO {name} SELECT * FROM moved"
        )
        run(f"ALTER TABLE {table}_default ENABLE TRIGGER USER")
        run(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({end})")
        if table in _APPEND_ONLY:
            # Attaching a partition copies row triggers, but not this one.
            run(
                f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
            )
