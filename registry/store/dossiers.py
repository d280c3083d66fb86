"""A record with everything that hangs on it, taken out of the tables whole. Which tables, the foreign keys say."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.encodings import format_time
from registry.store.schema import metadata, record
from registry.store.sets import ManyChanges
from registry.store.statements import ByKeys, Row

Dossier = Mapping[str, list[dict[str, Any]]]
"""Rows by table, in the words of JSON: bytes as hexadecimal, times and dates as text."""

_LEFT_OUT: Final = frozenset({"wrapped_key", "ciphertext", "register_key", "address_key"})
"""Columns that are not carried along: keys and content of documents, which are destroyed, and the debtor's households.

Other people live in a household, and a record that cannot come back weighs on none.
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of a dossier: how its rows are read for subjects, where they hang, and how they are deleted."""

    table: sa.Table
    parents: tuple[tuple[str, str, str], ...]
    """(own column, the parent's table, the parent's column); the subject key is the same on both sides."""
    rows: ByKeys
    delete: ManyChanges

    def keys(self, row: Mapping[str, Any]) -> Row:
        """What ``delete`` names a row by."""
        return tuple(row[each.name] for each in self.table.primary_key.columns)


def hanging_on(root: sa.Table) -> tuple[sa.Table, ...]:
    """``root`` and every table whose foreign keys lead to it, over others too; what is referred to comes first."""
    found = [root]
    for table in metadata.sorted_tables:
        if table is not root and any(each.referred_table in found for each in table.foreign_key_constraints):
            found.append(table)
    return tuple(found)


def _part(table: sa.Table, among: Collection[sa.Table]) -> _Part:
    parents = tuple(
        (each.column_keys[-1], each.referred_table.name, each.elements[-1].column.name)
        for each in table.foreign_key_constraints
        if each.referred_table in among and each.referred_table is not table
    )
    distributed_by, *at = (each.name for each in table.primary_key.columns)
    in_order = sa.select(table).order_by(*table.primary_key.columns)
    return _Part(table, parents, ByKeys(in_order, table.c.subject_key), ManyChanges(table, distributed_by, at))


_TABLES: Final = hanging_on(record)
_PARTS: Final = tuple(_part(table, _TABLES) for table in _TABLES)


def take_out(connection: Connection, wanted: Collection[tuple[bytes, uuid.UUID]]) -> dict[uuid.UUID, Dossier]:
    """Delete records with all that hangs on them; what was there, by record id. Needs the subjects' locks."""
    subjects = {subject_key for subject_key, _ in wanted}
    owners: dict[tuple[str, str, bytes, object], uuid.UUID] = {
        ("record", "record_id", subject_key, record_id): record_id for subject_key, record_id in wanted
    }
    dossiers: dict[uuid.UUID, dict[str, list[dict[str, Any]]]] = {record_id: {} for _, record_id in wanted}
    taken: list[tuple[_Part, list[Row]]] = []
    for part in _PARTS:
        rows = []
        for values in part.rows.rows(connection, subjects):
            row = dict(zip(part.rows.names, values, strict=True))
            owner = _owner(part, row, owners)
            if owner is None:
                continue
            for column in part.table.primary_key.columns:
                owners[part.table.name, column.name, row["subject_key"], row[column.name]] = owner
            dossiers[owner].setdefault(str(part.table.name), []).append(_in_json(row))
            rows.append(part.keys(row))
        taken.append((part, rows))
    for part, rows in reversed(taken):
        part.delete.run(connection, rows)
    return dict(dossiers)


def _owner(part: _Part, row: Mapping[str, Any], owners: Mapping[tuple[str, str, bytes, object], uuid.UUID]) -> Any:
    """The record that a row belongs to, if it is one of those that are taken out."""
    if part.table is record:
        return owners.get(("record", "record_id", row["subject_key"], row["record_id"]))
    found = (owners.get((table, column, row["subject_key"], row[own])) for own, table, column in part.parents)
    return next((each for each in found if each is not None), None)


def _in_json(row: Mapping[str, Any]) -> dict[str, Any]:
    # SQLAlchemy names columns by a kind of text of its own.
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
