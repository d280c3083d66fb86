"""Take records with all dependent rows out of the tables; the foreign keys name the tables."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from protocol.encodings import format_time
from registry.store.changes import Change
from registry.store.prepared import Place, Row, in_parts
from registry.store.records import record
from registry.store.repository import Repository
from registry.store.schema import hanging_on

RowsByTable = Mapping[str, list[dict[str, Any]]]
"""Rows in JSON's types: bytes as hexadecimal, times and dates as text."""

_LEFT_OUT: Final = frozenset({"wrapped_key", "ciphertext", "register_key", "address_key", "person_ref"})
"""Columns that are left out: keys and content of documents, the debtor's households, and the person's identity.

Other people live in a household, and a record that cannot come back weighs on none. No row can move its account either.
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of a record's rows: the columns that refer to other rows, and the statement that deletes the rows."""

    table: sa.Table
    hangs: tuple[tuple[str, str, "sa.Select[Any]"], ...]
    """(own column, the parent's table, the rows of some of its ids); the subject key is the same on both sides."""
    delete: Change

    def key(self, row: Mapping[str, Any]) -> Row:
        """Return the values by which ``delete`` names a row."""
        return tuple(row[each.name] for each in self.table.primary_key.columns)


def _rows(table: sa.Table, column: str) -> "sa.Select[Any]":
    """Select the rows of subjects whose ``column`` is one of some ids."""
    return sa.select(table).where(
        table.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        table.c[column].in_(sa.bindparam("ids", expanding=True)),
    )


def _part(table: sa.Table, among: Collection[sa.Table]) -> _Part:
    hangs = tuple(
        (each.column_keys[-1], each.referred_table.name, _rows(table, each.column_keys[-1]))
        for each in table.foreign_key_constraints
        if each.referred_table in among and each.referred_table is not table
    )
    if table is record:
        hangs = (("record_id", record.name, _rows(record, "record_id")),)
    return _Part(table, hangs, Change(table))


_TABLES: Final = hanging_on(record)
_PARTS: Final = tuple(_part(table, _TABLES) for table in _TABLES)


def _in_json(row: Mapping[str, Any]) -> dict[str, Any]:
    # SQLAlchemy's column names are a subclass of str.
    return {str(name): _plain(value) for name, value in row.items() if name not in _LEFT_OUT}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return format_time(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (tuple, frozenset)):
        return sorted(_plain(each) for each in value)
    return value.value if isinstance(value, StrEnum) else value


class RecordRows(Repository):
    """Distribution key: ``subject_key``."""

    def take_out(self, wanted: Collection[Place]) -> dict[uuid.UUID, RowsByTable]:
        """Delete records with all dependent rows; returns the rows by record id. It needs the subjects' locks.

        Only these records' rows are read: a firm is taken out in pieces, and each piece costs only its own rows.
        """
        # The record of each row, by the row's place, for each table that others refer to.
        owners: dict[str, dict[Place, uuid.UUID]] = {record.name: {place: place[1] for place in wanted}}
        files: dict[uuid.UUID, dict[str, list[dict[str, Any]]]] = {record_id: {} for _, record_id in wanted}
        taken: list[tuple[_Part, list[Row]]] = []
        for part in _PARTS:
            rows = self._rows(part, owners)
            for row, owner in rows.values():
                files[owner].setdefault(str(part.table.name), []).append(_in_json(row))
            owners[part.table.name] = {(key[0], key[1]): owner for key, (_, owner) in rows.items()}
            taken.append((part, list(rows)))
        for part, keys in reversed(taken):
            part.delete.run_rows(self._connection, keys)
        return dict(files)

    def _rows(
        self, part: _Part, owners: Mapping[str, Mapping[Place, uuid.UUID]]
    ) -> dict[Row, tuple[Mapping[str, Any], uuid.UUID]]:
        """Read the rows of the records to take out, with their records, in the order of their keys."""
        rows: dict[Row, tuple[Mapping[str, Any], uuid.UUID]] = {}
        for own, parent, select in part.hangs:
            whose = owners[parent]
            for ids in in_parts(whose):
                for values in self._connection.execute(select, ids).mappings():
                    row = {str(name): value for name, value in values.items()}
                    rows[part.key(row)] = (row, whose[row["subject_key"], row[own]])
        return dict(sorted(rows.items(), key=itemgetter(0)))
