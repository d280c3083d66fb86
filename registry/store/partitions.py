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
    "activation": ("month", _as_month),
    "activation_unchecked": ("month", _as_month),
    "log_opening": ("entry_id", _as_id),
}
"""The partitioning column of each table, and the form of a month's beginning in it."""

_APPEND_ONLY: Final = frozenset({"log_opening"})
_GIVE_UP: Final = "SET LOCAL lock_timeout = '200ms'"


def next_month(month: int) -> int:
    """Return the month after one written as 202611."""
    return month + 1 if month % 100 < _DECEMBER else month + 100 - (_DECEMBER - 1)


def _name(table: str, month: int) -> str:
    return f"{table}_m{month:06d}"


class Partitions(Repository):
    """Upkeep that the worker runs well ahead of each month. SQLite has no partitions and keeps one table."""

    @fan_out
    def ensure(self, table: str, months: Iterable[int]) -> None:
        """Make the missing partitions of the months.

        A month that has rows in the default partition already stays there: no row moves, and no partition with rows is
        attached, which an engine whose tables are spread cannot do. So make months before they begin, in a transaction
        that holds no other lock: it has the whole table for itself. Where it does not get it at once it gives up and
        is retried, so that nobody waits behind it for the end of a backup.
        """
        if self._is_sqlite:
            return
        missing = [each for each in months if not self._is_there(table, each)]
        if missing:
            self._connection.exec_driver_sql(_GIVE_UP)
        for month in missing:
            self._create(table, month)

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

    def _is_there(self, table: str, month: int) -> bool:
        return bool(self._connection.execute(_EXISTS, {"name": _name(table, month)}).scalar_one())

    def _create(self, table: str, month: int) -> None:
        # All words are constants and the bounds follow from an integer: no input enters the text.
        run = self._connection.exec_driver_sql
        column, written = PARTITIONED[table]
        name, first, end = _name(table, month), written(month), written(next_month(month))
        of_month = f"SELECT 1 FROM {table}_default WHERE {column} >= {first} AND {column} < {end}"  # noqa: S608
        if run(f"SELECT EXISTS ({of_month})").scalar_one():
            return
        run(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({end})")
        if table in _APPEND_ONLY:
            # A partition has the row triggers of its table, but not this one.
            run(
                f"CREATE OR REPLACE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION log_append_only()"
            )
