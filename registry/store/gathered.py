"""Read rows of several tables in one statement: on PostgreSQL each statement costs a round trip.

The statement is the UNION ALL of its parts. Each has the columns of all others as well, NULL in its own rows, so that
a column keeps its type; columns of one type share a place.
"""

import re
from collections.abc import Collection, Mapping
from operator import itemgetter
from typing import Any, Final, Protocol

from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.types import TypeEngine

from registry.store.distribution import SPREAD
from registry.store.driver import execute
from registry.store.prepared import MOST_KEYS, Row, converted, positional, with_keys

_LENGTH: Final = re.compile(r"\(\d+\)")
_AT_ONCE: Final = 500
_Slots = tuple[int, ...]


class Part(Protocol):
    """A SELECT for keys, with the types of its columns and the places that its rows are sorted by."""

    types: tuple[TypeEngine[Any], ...]
    order: tuple[int, ...]

    def unordered(self, dialect: Dialect) -> str: ...

    def converters(self, dialect: Dialect) -> Mapping[int, Any]: ...

    def rows(self, connection: Connection, *keys: Collection[Any]) -> Any: ...


class Gathered:
    """Several SELECTs for keys in one statement, built once for a database."""

    def __init__(self, **parts: Part) -> None:
        self._parts = parts
        self._prepared: dict[str, tuple[str, dict[str, tuple[_Slots, Mapping[int, Any]]]]] = {}

    def rows(self, connection: Connection, **keys: tuple[Collection[Any], ...]) -> dict[str, list[Row]]:
        """Read the rows of each part for its keys, given as one collection for each of its columns."""
        many = sum(len(each) for given in keys.values() for each in given) > MOST_KEYS
        if many or connection.info.get(SPREAD):
            # The nodes of a spread database hold the parts apart.
            return {name: list(part.rows(connection, *keys[name])) for name, part in self._parts.items()}
        text, readers = self._for(connection.dialect)
        ordered = [each for name in self._parts for each in keys[name]]
        cursor = execute(connection, *with_keys(text, connection.dialect, ordered))
        raw: list[list[Row]] = [[] for _ in self._parts]
        # Not all at once: the driver makes a firm's twenty thousand rows without letting another thread run.
        while rows := cursor.fetchmany(_AT_ONCE):
            for row in rows:
                raw[row[0]].append(row)
        return {
            name: self._read(part, mine, *readers[name])
            for (name, part), mine in zip(self._parts.items(), raw, strict=True)
        }

    def _read(self, part: Part, rows: list[Row], slots: _Slots, converters: Mapping[int, Any]) -> list[Row]:
        own = converted([[row[slot] for slot in slots] for row in rows], converters)
        return sorted(own, key=itemgetter(*part.order)) if part.order else own

    def _for(self, dialect: Dialect) -> tuple[str, dict[str, tuple[_Slots, Mapping[int, Any]]]]:
        prepared = self._prepared.get(dialect.name)
        if prepared is None:
            kinds = {name: [_kind(each, dialect) for each in part.types] for name, part in self._parts.items()}
            places = _places(kinds)
            named = ", ".join(
                f"p{number} ({_columns(len(part.types))}) AS ({part.unordered(dialect)})"
                for number, part in enumerate(self._parts.values())
            )
            selects = [_select(number, slots, places) for number, slots in enumerate(_slots(kinds, places))]
            readers = {
                name: (tuple(1 + slot for slot in slots), part.converters(dialect))
                for (name, part), slots in zip(self._parts.items(), _slots(kinds, places), strict=True)
            }
            prepared = f"WITH {named} {' UNION ALL '.join(selects)}", readers
            self._prepared[dialect.name] = prepared
        return prepared


def _kind(kind: TypeEngine[Any], dialect: Dialect) -> str:
    """Name the type of a place: every text is one, and SQLite has no types of columns."""
    if dialect.name == "sqlite":
        return ""
    name = _LENGTH.sub("", kind.compile(positional(dialect)))
    return "TEXT" if name == "VARCHAR" else name


def _places(kinds: Mapping[str, list[str]]) -> list[str]:
    """Return the types of all places: of each as many as the part that has most of it."""
    most = {kind: max(part.count(kind) for part in kinds.values()) for part in kinds.values() for kind in part}
    return [kind for kind, count in most.items() for _ in range(count)]


def _slots(kinds: Mapping[str, list[str]], places: list[str]) -> list[_Slots]:
    """Return for each part the places of its columns."""
    found = []
    for part in kinds.values():
        seen: dict[str, int] = {}
        slots = []
        for kind in part:
            slots.append(places.index(kind) + seen.get(kind, 0))
            seen[kind] = seen.get(kind, 0) + 1
        found.append(tuple(slots))
    return found


def _columns(count: int) -> str:
    return ", ".join(f"c{place}" for place in range(count))


def _select(number: int, slots: _Slots, places: list[str]) -> str:
    """Write the part's own SELECT, with NULL in the places of others."""
    own = {slot: f"c{column}" for column, slot in enumerate(slots)}
    columns = ", ".join(own.get(place) or _null(kind) for place, kind in enumerate(places))
    return f"SELECT {number}, {columns} FROM p{number}"  # noqa: S608 - the words are those of the tables


def _null(kind: str) -> str:
    return f"NULL::{kind}" if kind else "NULL"
