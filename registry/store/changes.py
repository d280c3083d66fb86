"""Change many rows: on PostgreSQL a subject's rows change in one statement, see ``arrays``.

SQLite has no arrays and prepares a statement once, so there each row stays a statement of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

from registry.store.arrays import arrays, rows_of
from registry.store.driver import execute
from registry.store.prepared import FEW, Row, converted, converters_of, grouped, into_database, positional


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """The texts for one kind of database; ``together`` is empty where each row is a statement of its own."""

    singly: str
    in_order: Callable[[Row], Row]
    together: str
    converters: Mapping[int, Callable[[Any], Any]]


class Change:
    """UPDATE (``sets``), or DELETE where nothing is set, of rows named by ``at`` or else by their primary key.

    The distribution key leads ``at``. A row of values has the columns of ``at`` and those of ``sets``, in this order.
    Rows of one key go together with the key given once, so that an engine distributed by key asks one node.
    """

    def __init__(self, table: sa.Table, sets: Sequence[str] = (), *, at: Sequence[str] = ()) -> None:
        names = at or table.primary_key.columns.keys()
        self._table = table
        self._key, *self._at = (table.c[name] for name in names)
        self._sets = tuple(table.c[name] for name in sets)
        self._take = attrgetter(*names, *sets)
        self._prepared: dict[str, _Prepared] = {}

    def run(self, connection: Connection, values: Sequence[object]) -> int:
        """Change the rows of values, whose attributes are named like the columns; returns the number changed."""
        return self.run_rows(connection, list(map(self._take, values)))

    def run_rows(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Change rows given as ``at`` and ``sets`` name them; returns the number of changed rows."""
        if not rows:
            return 0
        prepared = self._for(connection.dialect)
        done = 0
        singly: list[Row] = []
        for key, members in grouped(converted(rows, prepared.converters), itemgetter(0)).items():
            if not prepared.together or len(members) <= FEW:
                singly += map(prepared.in_order, members)
                continue
            values = arrays(each[1:] for each in members)
            done += execute(connection, prepared.together, (*values, key), afresh=True).rowcount
        if singly:
            many = len(singly) > 1
            done += execute(connection, prepared.singly, singly if many else singly[0], many=many).rowcount
        return done

    def _for(self, dialect: Dialect) -> "_Prepared":
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            prepared = self._prepared[dialect.name] = self._prepare(dialect)
        return prepared

    def _prepare(self, dialect: Dialect) -> "_Prepared":
        at = {f"at_{each.name}": each for each in (self._key, *self._at)}
        place = sa.and_(*(column == sa.bindparam(name) for name, column in at.items()))
        statement: sa.Update | sa.Delete = sa.delete(self._table).where(place)
        if self._sets:
            values: dict[str, sa.BindParameter[Any]] = {each.name: sa.bindparam(each.name) for each in self._sets}
            statement = sa.update(self._table).where(place).values(values)
        compiled = statement.compile(dialect=positional(dialect))
        names = [*at, *(each.name for each in self._sets)]
        return _Prepared(
            singly=str(compiled),
            # SQLAlchemy writes the columns of SET in the table's order.
            in_order=itemgetter(*(names.index(each) for each in compiled.positiontup or ())),
            together=self._together() if dialect.name == "postgresql" else "",
            converters=converters_of((self._key, *self._at, *self._sets), dialect, into_database),
        )

    def _together(self) -> str:
        name = self._table.name
        columns = ", ".join([f"at_{each.name}" for each in self._at] + [f"new_{each.name}" for each in self._sets])
        rows = f"{rows_of((*self._at, *self._sets))} AS given ({columns})"
        place = " AND ".join(f"{name}.{each.name} = given.at_{each.name}" for each in self._at)
        where = f"WHERE {name}.{self._key.name} = %s AND {place}"
        if not self._sets:
            return f"DELETE FROM {name} USING {rows} {where}"  # noqa: S608 - the words are those of the tables
        values = ", ".join(f"{each.name} = given.new_{each.name}" for each in self._sets)
        return f"UPDATE {name} SET {values} FROM {rows} {where}"  # noqa: S608 - as above
