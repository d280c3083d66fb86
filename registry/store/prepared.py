"""Prepare statements that insert many rows or select by many keys; each is built once and run often.

The text of each is made once for a database; values go to the driver as tuples, converted column by column. For a
bulk report that halves the work of handing one dictionary for each row through SQLAlchemy.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeEngine

from registry.store.arrays import array, arrays, rows_of
from registry.store.copies import Copy
from registry.store.distribution import SPREAD
from registry.store.driver import copy_in, execute
from registry.store.errors import Overtaken
from registry.store.joined import joining

Row = Sequence[Any]
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")
_Convert = Callable[[Any], Any]

Place = tuple[bytes, UUID]
"""A subject's key, and the id of one of the subject's rows."""

_MOST_PROBES: Final = 10_000
"""Pairs of a subject and an id that one statement looks for: an index is asked for each."""
MOST_KEYS: Final = 10_000
"""Keys in one statement; SQLite takes 32,766 parameters."""
KEYS: Final = "keys_go_here"
"""Stands in a statement for SQLite where the places of keys go."""
_ANY: Final = "= ANY (%s::BYTEA[])"
_ONE: Final = "= %s::BYTEA"
FEW: Final = 8
"""Up to so many rows go to PostgreSQL one by one: arrays are no faster for them."""
_MARK: Final = "before_copy"
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
    return list(zip(*_columns(rows, converters), strict=True)) if rows else []


def _columns(rows: Sequence[Row], converters: Mapping[int, _Convert]) -> list[Sequence[Any]]:
    """Turn rows into columns, some of them converted."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, convert in converters.items():
        columns[place] = list(map(convert, columns[place]))
    return columns


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inserting:
    """The forms of one INSERT on one kind of database; on PostgreSQL many rows go as a COPY or, else, as arrays."""

    text: str
    converters: Mapping[int, _Convert]
    together: str = ""
    copy: Copy | None = None


class Insert:
    """INSERT of values whose attributes are named like the table's columns, or as ``named`` says.

    With ``new_only`` a row that conflicts with an existing one is left out (ON CONFLICT DO NOTHING). A row whose
    primary key exists updates the columns in ``renewing`` of the existing one (ON CONFLICT DO UPDATE). Without either
    all rows are new. ``mostly_new`` is for callers that have left out the rows that they found: many rows are tried as
    a COPY, and go the other way if another transaction was faster.
    """

    def __init__(
        self,
        table: sa.Table,
        named: Mapping[str, str] | None = None,
        *,
        new_only: bool = False,
        renewing: Collection[str] = (),
        mostly_new: bool = False,
    ) -> None:
        self._table = table
        self._new_only = new_only
        self._mostly_new = mostly_new
        self._renewing = renewing
        self._take = attrgetter(*((named or {}).get(each.name, each.name) for each in table.columns))
        names = table.columns.keys()
        self._key = itemgetter(*(names.index(each.name) for each in table.primary_key.columns))
        self._prepared: dict[str, _Inserting] = {}

    def run(self, connection: Connection, values: Sequence[object]) -> int:
        """Insert the values; returns the number of inserted rows."""
        return self.run_rows(connection, list(map(self._take, values)))

    def run_rows(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Insert rows given in the order of the table's columns."""
        if not rows:
            return 0
        form = self._for(connection.dialect)
        if self._renewing:
            # One statement may not renew a row twice: the last of its rows counts, as if they came one by one.
            rows = list({self._key(each): each for each in rows}.values())
        if form.copy is not None and len(rows) > FEW:
            copied = self._copied(connection, form.copy, _columns(rows, form.converters))
            if copied is not None:
                return copied
        ready = converted(rows, form.converters)
        if form.together and len(ready) > FEW:
            return int(execute(connection, form.together, arrays(ready)).rowcount)
        # One row as a plain execute: the bulk form costs PostgreSQL a round trip more.
        many = len(ready) > 1
        return int(execute(connection, form.text, ready if many else ready[0], many=many).rowcount)

    def add(self, connection: Connection, values: Sequence[object]) -> None:
        """Insert new values: now, or with others where ``joined`` collects them; raises Overtaken if one existed."""
        self.add_rows(connection, list(map(self._take, values)))

    def add_rows(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Do as ``add`` with rows given in the order of the table's columns."""
        others = joining(connection)
        if others is None:
            if self.run_rows(connection, rows) != len(rows) and self._new_only:
                raise Overtaken
        elif rows:
            form = self._for(connection.dialect)
            all_new = len(rows) if self._new_only else None
            others.add(form.together, arrays(converted(rows, form.converters)), all_new)

    def _copied(self, connection: Connection, copy: Copy, columns: Sequence[Sequence[Any]]) -> int | None:
        """COPY rows; returns their number, or None where one exists already and nothing was inserted."""
        given = copy.written(columns)
        if not self._mostly_new:
            return copy_in(connection, copy.text, given)
        execute(connection, f"SAVEPOINT {_MARK}")
        try:
            count = copy_in(connection, copy.text, given)
        except IntegrityError as error:
            if not isinstance(error.orig, UniqueViolation):
                raise
            execute(connection, f"ROLLBACK TO {_MARK}")
            return None
        execute(connection, f"RELEASE {_MARK}")
        return count

    def _for(self, dialect: Dialect) -> _Inserting:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = self._prepare(dialect)
        return prepared

    def _prepare(self, dialect: Dialect) -> _Inserting:
        module = sqlite if dialect.name == "sqlite" else postgresql
        statement = module.insert(self._table)
        if self._new_only:
            statement = statement.on_conflict_do_nothing()
        if self._renewing:
            statement = statement.on_conflict_do_update(
                index_elements=list(self._table.primary_key.columns),
                set_={name: statement.excluded[name] for name in self._renewing},
            )
        text = str(statement.compile(dialect=positional(dialect)))
        converters = converters_of(list(self._table.columns), dialect, into_database)
        if dialect.name == "sqlite":
            return _Inserting(text=text, converters=converters)
        rows = f"SELECT * FROM {rows_of(self._table.columns)}"  # noqa: S608 - the words are those of the tables
        is_new = self._mostly_new or not (self._new_only or self._renewing)
        return _Inserting(
            text=text,
            converters=converters,
            together=_VALUES.sub(rows, text, count=1),
            copy=Copy(self._table) if is_new else None,
        )


class ByKeys:
    """A SELECT for some keys: ``= ANY`` of an array on PostgreSQL, ``IN`` on SQLite.

    With several columns it takes each row that has one of the keys in each of them. ``order`` names selected columns;
    rows come in their order.

    A spread database locks rows of one key at a time, so there a SELECT with a lock runs once for each key, in order.
    """

    def __init__(
        self, select: "sa.Select[Any]", *columns: "sa.Column[Any]", order: Sequence["sa.Column[Any]"] = ()
    ) -> None:
        self._select = select.order_by(*order)
        self._unordered = select
        self._columns = columns
        self._locks = select._for_update_arg is not None  # noqa: SLF001 - no other place says so
        selected = tuple(select.selected_columns)
        self.names = tuple(each.name for each in selected if isinstance(each, sa.Column))
        self.types = tuple(each.type for each in selected)
        self.order = tuple(selected.index(each) for each in order)
        self._prepared: dict[str, tuple[str, dict[int, _Convert]]] = {}

    def rows(self, connection: Connection, *keys: Collection[Any]) -> Iterator[Row]:
        """Read the rows of all keys, each once, given for each column; those of the first column may be many."""
        text, converters = self._for(connection.dialect)
        if self._locks and connection.info.get(SPREAD):
            for key in sorted(*keys):
                yield from converted(execute(connection, text.replace(_ANY, _ONE), (key,)).fetchall(), converters)
            return
        for part in _in_bounds(keys):
            # A plan for many keys that was made when the table was empty would read all of it.
            afresh = bool(part) and len(part[0]) > FEW
            cursor = execute(connection, *with_keys(text, connection.dialect, part), afresh=afresh)
            yield from converted(cursor.fetchall(), converters)

    def _for(self, dialect: Dialect) -> tuple[str, dict[int, _Convert]]:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._written(self._select, dialect), self.converters(dialect)
            self._prepared[dialect.name] = prepared
        return prepared

    def unordered(self, dialect: Dialect) -> str:
        """Write the statement without its order, for a part of another one."""
        return self._written(self._unordered, dialect)

    def converters(self, dialect: Dialect) -> dict[int, _Convert]:
        """Return the conversions of the selected columns that need one, by place."""
        return converters_of(list(self._select.selected_columns), dialect, _out_of_database)

    def _written(self, select: "sa.Select[Any]", dialect: Dialect) -> str:
        return str(
            select.where(*(_among(each, dialect) for each in self._columns)).compile(dialect=positional(dialect))
        )


def _in_bounds(keys: Sequence[Collection[Any]]) -> Iterator[Sequence[Collection[Any]]]:
    if not keys:
        yield ()
        return
    first, *others = keys
    ordered = sorted(set(first))
    for start in range(0, len(ordered), MOST_KEYS):
        yield ordered[start : start + MOST_KEYS], *others


def _among(column: "sa.Column[Any]", dialect: Dialect) -> "sa.ColumnElement[bool]":
    if dialect.name == "sqlite":
        return column.in_([sa.literal_column(KEYS)])
    # Without its length: a cast would cut a key that is too long, and find another one.
    kind = sa.Text() if isinstance(column.type, sa.String) else column.type
    return column == sa.any_(sa.bindparam("keys", type_=postgresql.ARRAY(kind)))


def with_keys(text: str, dialect: Dialect, keys: Sequence[Collection[Any]]) -> tuple[str, tuple[Any, ...]]:
    """Return a statement and its parameters, for each place of keys in it the keys that go there."""
    if dialect.name != "sqlite":
        return text, tuple(map(array, keys))
    for each in keys:
        text = text.replace(KEYS, ",".join("?" * len(each)), 1)
    return text, tuple(key for each in keys for key in each)
