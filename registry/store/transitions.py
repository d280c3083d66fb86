"""Keep the transitions of records: one row for each edge taken, never changed."""

import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from protocol.states import CLOSED_STATES, Action, Party, RecordState
from registry.domain.records import RecordTransition
from registry.store import columns
from registry.store.prepared import ByKeys, Insert, Place, grouped
from registry.store.repository import Repository

record_event: Final = sa.Table(
    "record_event",
    columns.metadata,
    columns.key(),
    columns.uuid("event_id"),
    columns.uuid("record_id"),
    columns.coded("source", RecordState, 20),
    columns.coded("target", RecordState, 20),
    columns.coded("action", Action, 20),
    columns.coded("party", Party, 20),
    columns.text("actor_id", 64),
    columns.text("reason", 64),
    columns.time("at"),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    # The record's events lie together: one index serves the key, the history and the reference.
    sa.PrimaryKeyConstraint("subject_key", "record_id", "event_id"),
    columns.references(["subject_key", "record_id"], "record"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(record_event)
_OF_RECORD: Final = (
    sa.select(record_event)
    .where(record_event.c.subject_key == sa.bindparam("key"), record_event.c.record_id == sa.bindparam("id"))
    .order_by(record_event.c.at, record_event.c.event_id)
)
_OF_SUBJECT: Final = (
    sa.select(record_event)
    .where(record_event.c.subject_key == sa.bindparam("key"))
    .order_by(record_event.c.at, record_event.c.event_id)
)
_CLOSINGS: Final = ByKeys(
    sa.select(record_event)
    .where(sa.text(columns.states_in(sorted(CLOSED_STATES), "target")))
    .order_by(record_event.c.subject_key, record_event.c.at, record_event.c.event_id),
    record_event.c.subject_key,
)
_CLOSINGS_OF: Final = (
    sa.select(record_event)
    .where(
        record_event.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        record_event.c.record_id.in_(sa.bindparam("ids", expanding=True)),
        sa.text(columns.states_in(sorted(CLOSED_STATES), "target")),
    )
    .order_by(record_event.c.at, record_event.c.event_id)
)


class Transitions(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, events: Sequence[RecordTransition]) -> None:
        _INSERT.run(self._connection, events)

    def of_subject(self, subject_key: bytes) -> dict[uuid.UUID, tuple[RecordTransition, ...]]:
        """Read the histories of all records of a subject, each oldest first, by record id."""
        return grouped(self._all(RecordTransition, _OF_SUBJECT, key=subject_key), attrgetter("record_id"))

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[RecordTransition, ...]:
        """Read the record's history, oldest first."""
        return self._all(RecordTransition, _OF_RECORD, key=subject_key, id=record_id)

    def closings(self, subject_keys: Collection[bytes]) -> dict[uuid.UUID, RecordTransition]:
        """Find the event that closed each record of the subjects last, by record."""
        return {each.record_id: each for each in self._of(RecordTransition, _CLOSINGS, subject_keys)}

    def closings_of(self, records: Collection[Place]) -> dict[uuid.UUID, RecordTransition]:
        """Find the same as ``closings`` for some records."""
        return {each.record_id: each for each in self._at(RecordTransition, _CLOSINGS_OF, records)}
