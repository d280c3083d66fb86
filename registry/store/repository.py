"""Run the statements of one noun on a transaction's connection, and make values of their rows."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.store.prepared import ByKeys, Place, Row, in_parts

_Method = TypeVar("_Method", bound=Callable[..., Any])
_Value = TypeVar("_Value")


def fan_out(method: _Method) -> _Method:
    """Mark a method whose statement does not name its distribution key, and so asks every node.

    It does nothing at run time; the storage tests read the mark and require the key of every other statement.
    """
    method.__fan_out__ = True  # type: ignore[attr-defined]
    return method


class Repository:
    """Works in a transaction that its caller ends. Keyword arguments are the parameters of a statement, by name."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"

    def _one(self, kind: Callable[..., _Value], statement: "sa.Select[Any]", /, **parameters: Any) -> _Value | None:
        """Read the value of the one row, or None where there is none."""
        row = self._connection.execute(statement, parameters).mappings().one_or_none()
        return None if row is None else kind(**row)

    def _all(
        self, kind: Callable[..., _Value], statement: "sa.Select[Any]", /, **parameters: Any
    ) -> tuple[_Value, ...]:
        """Read the values of all rows, in the statement's order."""
        return tuple(kind(**row) for row in self._connection.execute(statement, parameters).mappings())

    def _at(
        self, kind: Callable[..., _Value], statement: "sa.Select[Any]", places: Collection[Place]
    ) -> tuple[_Value, ...]:
        """Read the values of the existing ones of the rows named by subject and id."""
        return tuple(value for part in in_parts(places) for value in self._all(kind, statement, **part))

    def _of(self, kind: Callable[..., _Value], statement: ByKeys, keys: Collection[bytes]) -> Iterator[_Value]:
        """Read the values of the rows of these keys."""
        return values_of(kind, statement, statement.rows(self._connection, keys))


def values_of(kind: Callable[..., _Value], statement: ByKeys, rows: Iterable[Row]) -> Iterator[_Value]:
    """Make the values of rows that the statement read, alone or with others."""
    for row in rows:
        yield kind(**dict(zip(statement.names, row, strict=True)))


def driver_rows(result: "sa.CursorResult[Any]") -> list[Any]:
    """Read the driver's own rows, without conversion: a thousand rows of SQLAlchemy's cost as much as their hashing."""
    return list(result.cursor.fetchall())
