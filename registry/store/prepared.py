"""Prepare statements that insert many rows or select by many keys; each is built once and run often.

The text of each is made once for a database; values go to the driver as tuples, converted column by column. For a
bulk report that halves the work of handing one dictionary for each row through SQLAlchemy.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.types import TypeEngine

from registry.store.arrays import arrays, rows_of
from registry.store.types import Octets

Row = Sequence[Any]
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")
_Convert = Callable[[Any], Any]

Place = tuple[bytes, UUID]
"""A subject's key, and the id of one of the subject's rows."""

_MOST_PROBES: Final = 10_000
"""Pairs of a subject and an id that one statement looks for: an index is asked for each."""
_MOST_KEYS: Final = 10_000
"""Keys in one statement; SQLite takes 32,766 parameters."""
_PLACE: Final = "keys_go_here"
FEW: Final = 8
"""Up to so many rows go to PostgreSQL one by one: arrays are no faster for them."""
_VALUES: Final = re.compile(r"VALUES \([^)]*\)")


def grouped(values: Iterable[_Value], key: Callable[[_Value], _Key]) -> dict[_Key, tuple[_Value, ...]]:
    """Group values by a key, each group in their order, in linear time for groups of any size."""
    groups: dict[_Key, list[_Value]] = {}
    for each in values:
        groups.setdefault(key(each), []).append(each)
    return {name: tuple(members) for name, members in groups.items()}


def in_parts(places: Collection[Place]) -> Iterator[dict[str, Any]]:
    """Cut places into ``keys`` and ``ids``, each subject's together, so that subjects times ids stay bounded.

    An id belongs to one subject, so a statement that takes both lists finds these places and nothing else.
    """
    keys: set[bytes] = set()
    ids: list[UUID] = []
    for key, each in sorted(set(places), key=itemgetter(0)):
        if ids and len(keys | {key}) * (len(ids) + 1) > _MOST_PROBES:
            yield {"keys": sorted(keys), "ids": ids}
            keys, ids = set(), []
        keys.add(key)
        ids.append(each)
    if ids:
        yield {"keys": sorted(keys), "ids": ids}


def positional(dialect: Dialect) -> Dialect:
    """Return the same dialect with parameters by place, so that a row can be a tuple."""
    # An engine's dialect has settled on named parameters; these are fresh ones that only write text.
    if dialect.name == "sqlite":
        return sqlite.dialect(paramstyle="qmark")
    return psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]


def converted(rows: Sequence[Row], converters: Mapping[int, _Convert]) -> list[Row]:
    """Convert some columns of the rows."""
    if not rows:
        return []
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, convert in converters.items():
        columns[place] = map(convert, columns[place])
    return list(zip(*columns, strict=True))


def into_database(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    """Return the conversion that a value of this type needs on its way to the driver."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out_of_database(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def converters_of(
    columns: Sequence["sa.ColumnElement[Any]"],
    dialect: Dialect,
    kind: Callable[[TypeEngine[Any], Dialect], _Convert | None],
) -> dict[int, _Convert]:
    """Return the conversions of the columns that need one, by their place in a row."""
    converters = ((place, kind(each.type, dialect)) for place, each in enumerate(columns))
    return {place: convert for place, convert in converters if convert is not None}


class Insert:
    """INSERT of values whose attributes are named like the table's columns, or as ``named`` says.

    With ``new_only`` a row that conflicts with an existing one is left out (ON CONFLICT DO NOTHING). A row whose
    primary key exists updates the columns in ``renewing`` of the existing one (ON CONFLICT DO UPDATE).
    """

    def __init__(
        self,
        table: sa.Table,
        named: Mapping[str, str] | None = None,
        *,
        new_only: bool = False,
        renewing: Collection[str] = (),
    ) -> None:
        self._table = table
        self._new_only = new_only
        self._renewing = renewing
        self._take = attrgetter(*((named or {}).get(each.name, each.name) for each in table.columns))
        self._prepared: dict[str, tuple[str, str, dict[int, _Convert]]] = {}

    def run(self, connection: Connection, values: Sequence[object]) -> int:
        """Insert the values; returns the number of inserted rows."""
        return self.run_rows(connection, list(map(self._take, values)))

    def run_rows(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert rows given in the order of the table's columns."""
        if not rows:
            return 0
        text, together, converters = self._for(connection.dialect)
        ready = converted(rows, converters)
        if together and len(ready) > FEW:
            return connection.exec_driver_sql(together, arrays(ready)).rowcount
        # One row as a plain execute: the bulk form costs PostgreSQL a round trip more.
        return connection.exec_driver_sql(text, ready[0] if len(ready) == 1 else ready).rowcount

    def _for(self, dialect: Dialect) -> tuple[str, str, dict[int, _Convert]]:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            module = sqlite if dialect.name == "sqlite" else postgresql
            statement = module.insert(self._table)
            if self._new_only:
                statement = statement.on_conflict_do_nothing()
            if self._renewing:
                statement = statement.on_conflict_do_update(
                    index_elements=list(self._table.primary_key.columns),
                    set_={name: statement.excluded[name] for name in self._renewing},
                )
            converters = converters_of(list(self._table.columns), dialect, into_database)
            text = str(statement.compile(dialect=positional(dialect)))
            prepared = text, self._together(text, dialect), converters
            self._prepared[dialect.name] = prepared
        return prepared

    def _together(self, text: str, dialect: Dialect) -> str:
        """Write the same for many rows at once; empty on SQLite, and where one statement may renew a row twice."""
        if dialect.name == "sqlite" or self._renewing:
            return ""
        rows = f"SELECT * FROM {rows_of(self._table.columns)}"  # noqa: S608 - the words are those of the tables
        return _VALUES.sub(rows, text, count=1)


class ByKeys:
    """A SELECT for one or many 16-byte keys: ``= ANY`` of one array on PostgreSQL, ``IN`` on SQLite."""

    def __init__(self, select: "sa.Select[Any]", column: "sa.Column[Any]") -> None:
        self._select = select
        self._column = column
        self.names = tuple(each.name for each in select.selected_columns if isinstance(each, sa.Column))
        self._prepared: dict[str, tuple[str, dict[int, _Convert]]] = {}

    def rows(self, connection: Connection, keys: Collection[bytes]) -> Iterator[Row]:
        """Read the rows of all keys, each key once."""
        text, converters = self._for(connection.dialect)
        ordered = sorted(set(keys))
        for start in range(0, len(ordered), _MOST_KEYS):
            part = ordered[start : start + _MOST_KEYS]
            if connection.dialect.name == "sqlite":
                result = connection.exec_driver_sql(text.replace(_PLACE, ",".join("?" * len(part))), tuple(part))
            else:
                result = connection.exec_driver_sql(text, (part,))
            yield from converted(result.all(), converters)

    def _for(self, dialect: Dialect) -> tuple[str, dict[int, _Convert]]:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            condition: sa.ColumnElement[bool]
            if dialect.name == "sqlite":
                condition = self._column.in_([sa.literal_column(_PLACE)])
            else:
                condition = self._column == sa.any_(sa.bindparam("keys", type_=postgresql.ARRAY(Octets)))
            text = str(self._select.where(condition).compile(dialect=positional(dialect)))
            prepared = text, converters_of(list(self._select.selected_columns), dialect, _out_of_database)
            self._prepared[dialect.name] = prepared
        return prepared
