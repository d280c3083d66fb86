"""Disputes with their sealed documents, and the markers of victims of identity theft."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.disputes import Dispute, DisputeDocument, DisputeState, VictimMarker
from registry.store.dispute_tables import IS_OPEN, IS_SUSPENDED, NOT_CLOSED, TO_REMIND
from registry.store.errors import StaleVersion
from registry.store.schema import dispute, dispute_document, victim_marker
from registry.store.sets import ManyChanges
from registry.store.statements import ByKeys, Insert, Place, Row, fan_out, grouped, in_parts

_ALL: Final = sa.select(dispute)
_INSERT: Final = Insert(dispute)
_OF_SUBJECTS: Final = ByKeys(
    _ALL.order_by(dispute.c.subject_key, dispute.c.filed_at, dispute.c.dispute_id), dispute.c.subject_key
)
_OF_RECORD: Final = _ALL.where(
    dispute.c.subject_key == sa.bindparam("key"), dispute.c.record_id == sa.bindparam("id")
).order_by(dispute.c.filed_at, dispute.c.dispute_id)
_OF_RECORDS: Final = _ALL.where(
    dispute.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    dispute.c.record_id.in_(sa.bindparam("ids", expanding=True)),
).order_by(dispute.c.filed_at, dispute.c.dispute_id)
_THESE: Final = _ALL.where(
    dispute.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    dispute.c.dispute_id.in_(sa.bindparam("ids", expanding=True)),
)
_FIND: Final = _ALL.where(dispute.c.dispute_id == sa.bindparam("id"))
# The state stands in the text, or the partial index would not be seen to fit.
_SILENT: Final = (
    _ALL.where(sa.text(IS_OPEN), dispute.c.answer_due < sa.bindparam("day"))
    .order_by(dispute.c.answer_due)
    .limit(sa.bindparam("most"))
)
_LAPSED: Final = (
    _ALL.where(sa.text(IS_SUSPENDED), dispute.c.lapse_due < sa.bindparam("day"))
    .order_by(dispute.c.lapse_due)
    .limit(sa.bindparam("most"))
)
_TO_REMIND: Final = (
    _ALL.where(sa.text(TO_REMIND), dispute.c.remind_on <= sa.bindparam("day"))
    .order_by(dispute.c.remind_on)
    .limit(sa.bindparam("most"))
)
_PAGE: Final = (
    _ALL.where(dispute.c.dispute_id > sa.bindparam("after")).order_by(dispute.c.dispute_id).limit(sa.bindparam("most"))
)
_OPEN_OF_RECORD: Final = _ALL.where(
    sa.text(NOT_CLOSED),
    dispute.c.subject_key == sa.bindparam("key"),
    dispute.c.record_id == sa.bindparam("id"),
)
_CHANGING: Final = (
    "stopped_on",
    "remind_on",
    "state",
    "answer",
    "answered_at",
    "closed_at",
    "closed_on",
    "outcome",
    "version",
    "log_entry_id",
)
_CHANGE: Final = ManyChanges(dispute, "subject_key", ("dispute_id", "version"), _CHANGING)
_CHANGED: Final = attrgetter(*_CHANGING)
_INSERT_DOCUMENT: Final = Insert(dispute_document)
_DOCUMENTS: Final = (
    sa.select(dispute_document)
    .where(dispute_document.c.subject_key == sa.bindparam("key"), dispute_document.c.dispute_id == sa.bindparam("id"))
    .order_by(dispute_document.c.added_at, dispute_document.c.document_id)
)
_DOCUMENT_COUNTS: Final = (
    sa.select(dispute_document.c.dispute_id, sa.func.count())
    .where(dispute_document.c.subject_key == sa.bindparam("key"))
    .group_by(dispute_document.c.dispute_id)
)
_INSERT_MARKER: Final = Insert(victim_marker)
_MARKERS: Final = ByKeys(
    sa.select(victim_marker).order_by(victim_marker.c.subject_key, victim_marker.c.set_at, victim_marker.c.marker_id),
    victim_marker.c.subject_key,
)


def _change(each: Dispute, expected_version: int) -> Row:
    return (each.subject_key, each.dispute_id, expected_version, *_CHANGED(each))


def _may_be(state: DisputeState, today: dt.date | None) -> "sa.ColumnElement[bool]":
    stored = dispute.c.state == state
    if today is None or state not in (DisputeState.SUSPENDED, DisputeState.CLOSED):
        return stored
    due = dispute.c.answer_due if state is DisputeState.SUSPENDED else dispute.c.lapse_due
    unheard = dispute.c.state.in_([DisputeState.OPEN, DisputeState.SUSPENDED])
    return sa.or_(stored, sa.and_(unheard, due < today))


class Disputes:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Sequence[Dispute]) -> None:
        _INSERT.run(self._connection, new)

    def update(self, changed: Dispute, *, expected_version: int) -> None:
        """Write all that may change of a case; raises StaleVersion when it is not of ``expected_version``."""
        self.update_many([(changed, expected_version)])

    def update_many(self, changes: Sequence[tuple[Dispute, int]]) -> None:
        """As ``update`` for (case, expected version) pairs of different cases: all of them or StaleVersion."""
        if _CHANGE.run(self._connection, [_change(*each) for each in changes]) != len(changes):
            raise StaleVersion

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Dispute, ...]]:
        """All cases of the subjects that have one, oldest first: on the hot path of an inquiry."""
        rows = _OF_SUBJECTS.rows(self._connection, keys)
        found = (Dispute(**dict(zip(_OF_SUBJECTS.names, row, strict=True))) for row in rows)
        return grouped(found, attrgetter("subject_key"))

    def these(self, places: Collection[Place]) -> tuple[Dispute, ...]:
        """Those of the cases, named by subject and id, that are there."""
        rows = (row for part in in_parts(places) for row in self._connection.execute(_THESE, part).mappings())
        return tuple(Dispute(**row) for row in rows)

    def of_records(self, records: Collection[Place]) -> dict[uuid.UUID, tuple[Dispute, ...]]:
        """All cases of these records that have one, by record, oldest first."""
        rows = (row for part in in_parts(records) for row in self._connection.execute(_OF_RECORDS, part).mappings())
        return grouped((Dispute(**row) for row in rows), attrgetter("record_id"))

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Dispute, ...]:
        """All cases of one record, oldest first."""
        rows = self._connection.execute(_OF_RECORD, {"key": subject_key, "id": record_id}).mappings()
        return tuple(Dispute(**row) for row in rows)

    def open_of_record(self, subject_key: bytes, record_id: uuid.UUID) -> Dispute | None:
        """The record's case that is not closed; there is at most one."""
        row = self._connection.execute(_OPEN_OF_RECORD, {"key": subject_key, "id": record_id}).mappings().one_or_none()
        return None if row is None else Dispute(**row)

    @fan_out
    def find(self, dispute_id: uuid.UUID) -> Dispute | None:
        row = self._connection.execute(_FIND, {"id": dispute_id}).mappings().one_or_none()
        return None if row is None else Dispute(**row)

    @fan_out
    def due_silent(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """OPEN cases whose last day for an answer was before ``on``, the longest due first."""
        rows = self._connection.execute(_SILENT, {"day": on, "most": limit}).mappings()
        return tuple(Dispute(**row) for row in rows)

    @fan_out
    def due_lapsed(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """SUSPENDED cases whose last day for a late answer was before ``on``, the longest due first."""
        rows = self._connection.execute(_LAPSED, {"day": on, "most": limit}).mappings()
        return tuple(Dispute(**row) for row in rows)

    @fan_out
    def due_reminders(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """Cases of which somebody is to be told by ``on``, the longest due first."""
        rows = self._connection.execute(_TO_REMIND, {"day": on, "most": limit}).mappings()
        return tuple(Dispute(**row) for row in rows)

    @fan_out
    def page(
        self, party: str | None, state: DisputeState | None, after: uuid.UUID, limit: int, today: dt.date | None = None
    ) -> tuple[Dispute, ...]:
        """Up to ``limit`` cases behind an id, oldest first: everybody's, or those that ``party`` is a side of.

        With a state: those that are stored so or, given a day, may be in it then since a deadline of theirs is over.
        """
        chosen = _PAGE if state is None else _PAGE.where(_may_be(state, today))
        sides = [chosen]
        if party is not None:
            sides = [chosen.where(column == party) for column in (dispute.c.creditor_id, dispute.c.filed_by)]
        rows = (
            row for each in sides for row in self._connection.execute(each, {"after": after, "most": limit}).mappings()
        )
        found = {row["dispute_id"]: row for row in rows}
        return tuple(Dispute(**found[each]) for each in sorted(found)[:limit])

    def add_document(self, new: DisputeDocument) -> None:
        _INSERT_DOCUMENT.run(self._connection, [new])

    def documents(self, subject_key: bytes, dispute_id: uuid.UUID) -> tuple[DisputeDocument, ...]:
        """The case's documents, still sealed, oldest first."""
        rows = self._connection.execute(_DOCUMENTS, {"key": subject_key, "id": dispute_id}).mappings()
        return tuple(DisputeDocument(**row) for row in rows)

    def document_counts(self, subject_key: bytes) -> dict[uuid.UUID, int]:
        """How many documents each of the subject's cases has, where it has any."""
        return {row[0]: row[1] for row in self._connection.execute(_DOCUMENT_COUNTS, {"key": subject_key})}

    def mark_victim(self, marker: VictimMarker) -> None:
        _INSERT_MARKER.run(self._connection, [marker])

    def markers(self, keys: Collection[bytes]) -> dict[bytes, tuple[VictimMarker, ...]]:
        """All markers of the subjects that have one, those that ended included: on the hot path of an inquiry."""
        rows = _MARKERS.rows(self._connection, keys)
        found = (VictimMarker(**dict(zip(_MARKERS.names, row, strict=True))) for row in rows)
        return grouped(found, attrgetter("subject_key"))
