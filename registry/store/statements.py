"""Prepared shapes of statements: insert many, insert what is new, select by many keys. Built once, run often."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from registry.store.types import Octets

Row = Sequence[Any]
Parameters = Mapping[str, Any]
_Method = TypeVar("_Method", bound=Callable[..., Any])

_MOST_KEYS: Final = 10_000
"""Keys in one statement; SQLite takes 32,766 parameters."""


def fan_out(method: _Method) -> _Method:
    """Mark a method whose statement does not name its distribution key, and so asks every node.

    Nothing happens at run time; the storage tests read the mark and let nothing else go without its key.
    """
    method.__fan_out__ = True  # type: ignore[attr-defined]
    return method


def run_each(connection: Connection, statement: sa.Executable, rows: Sequence[Parameters]) -> int:
    """Run a statement once for each row, in the driver's bulk form; the number of rows it touched."""
    if not rows:
        return 0
    # One row as a plain execute: the bulk form costs PostgreSQL a round trip more.
    result = connection.execute(statement, rows[0] if len(rows) == 1 else rows)
    return result.rowcount


class InsertNew:
    """INSERT ... ON CONFLICT DO NOTHING: what is there already stays as it is."""

    def __init__(self, table: sa.Table) -> None:
        self._by_dialect: Mapping[str, sa.Executable] = {
            "postgresql": postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
            "sqlite": sqlite.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True),
        }

    def run(self, connection: Connection, rows: Sequence[Parameters]) -> int:
        """Insert what is new; the number of rows that were."""
        return run_each(connection, self._by_dialect[connection.dialect.name], rows)


class ByKeys:
    """A SELECT for many 16-byte keys: ``= ANY`` of one array on PostgreSQL, ``IN`` on SQLite."""

    def __init__(self, select: "sa.Select[Any]", column: "sa.Column[Any]") -> None:
        array = sa.bindparam("keys", type_=postgresql.ARRAY(Octets))
        many = sa.bindparam("keys", expanding=True, type_=Octets())
        self._by_dialect: Mapping[str, sa.Executable] = {
            "postgresql": select.where(column == sa.any_(array)),
            "sqlite": select.where(column.in_(many)),
        }

    def rows(self, connection: Connection, keys: Collection[bytes]) -> Iterator[Row]:
        """The rows of all keys, each key once and in key order within a statement."""
        ordered = sorted(set(keys))
        statement = self._by_dialect[connection.dialect.name]
        for start in range(0, len(ordered), _MOST_KEYS):
            yield from connection.execute(statement, {"keys": ordered[start : start + _MOST_KEYS]}).all()
