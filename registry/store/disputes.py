"""Keep disputes: the cases of a subject's records."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from protocol.codes import DisputeAnswer, DisputeGround, DisputeOutcome
from protocol.states import DisputeState
from registry.domain.disputes import Dispute
from registry.store import columns
from registry.store.changes import Change
from registry.store.errors import StaleVersion
from registry.store.prepared import ByKeys, Insert, Place, Row, grouped
from registry.store.repository import Repository, fan_out

NOT_CLOSED: Final = f"state <> '{DisputeState.CLOSED}'"

IS_OPEN: Final = f"state = '{DisputeState.OPEN}'"

TO_REMIND: Final = "remind_on IS NOT NULL"

IS_SUSPENDED: Final = f"state = '{DisputeState.SUSPENDED}'"
"""Equal to the conditions of the clock's queries word for word: SQLite takes a partial index only then."""

dispute: Final = sa.Table(
    "dispute",
    columns.metadata,
    columns.key(),
    columns.uuid("dispute_id"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.coded("ground", DisputeGround, 24),
    columns.fen("principal_fen"),
    columns.fen("costs_fen"),
    columns.fen("paid_fen"),
    columns.text("filed_by", 64),
    columns.time("filed_at"),
    columns.day("filed_on"),
    columns.day("stopped_on", nullable=True),
    columns.day("answer_due"),
    columns.day("close_due"),
    columns.day("lapse_due"),
    columns.day("remind_on", nullable=True),
    columns.coded("state", DisputeState, 16),
    columns.coded("answer", DisputeAnswer, 24, nullable=True),
    columns.time("answered_at", nullable=True),
    columns.time("closed_at", nullable=True),
    columns.day("closed_on", nullable=True),
    columns.coded("outcome", DisputeOutcome, 16, nullable=True),
    columns.text("rules_version", 32),
    columns.integer("version"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "dispute_id"),
    columns.references(["subject_key", "record_id"], "record"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.references(["filed_by"], "participant", ["participant_id"]),
    columns.at_least("version", 1),
    sa.Index(None, "subject_key", "record_id"),
    columns.at_least("principal_fen", 0),
    columns.at_least("costs_fen", 0),
    columns.at_least("paid_fen", 0),
    sa.Index(None, "dispute_id"),
    sa.Index(None, "creditor_id", "dispute_id"),
    sa.Index(None, "filed_by", "dispute_id"),
    columns.partial("ix_dispute_to_remind", "remind_on", where=TO_REMIND),
    columns.partial("uq_dispute_not_closed", "subject_key", "record_id", where=NOT_CLOSED, unique=True),
    columns.partial("ix_dispute_open", "answer_due", where=IS_OPEN),
    columns.partial("ix_dispute_suspended", "lapse_due", where=IS_SUSPENDED),
    info=columns.BY_SUBJECT,
)

_ALL: Final = sa.select(dispute)
_INSERT: Final = Insert(dispute)
OF_SUBJECTS: Final = ByKeys(
    _ALL, dispute.c.subject_key, order=(dispute.c.subject_key, dispute.c.filed_at, dispute.c.dispute_id)
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
# The state is a literal, or the planner would not use the partial index.
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
_CHANGE: Final = Change(dispute, _CHANGING, at=("subject_key", "dispute_id", "version"))
_CHANGED: Final = attrgetter(*_CHANGING)


def _change(each: Dispute, expected_version: int) -> Row:
    return (each.subject_key, each.dispute_id, expected_version, *_CHANGED(each))


def _may_be(state: DisputeState, today: dt.date | None) -> "sa.ColumnElement[bool]":
    stored = dispute.c.state == state
    if today is None or state not in (DisputeState.SUSPENDED, DisputeState.CLOSED):
        return stored
    due = dispute.c.answer_due if state is DisputeState.SUSPENDED else dispute.c.lapse_due
    unheard = dispute.c.state.in_([DisputeState.OPEN, DisputeState.SUSPENDED])
    return sa.or_(stored, sa.and_(unheard, due < today))


class Disputes(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Sequence[Dispute]) -> None:
        _INSERT.run(self._connection, new)

    def update(self, changed: Dispute, *, expected_version: int) -> None:
        """Write the changeable columns of a case; raises StaleVersion when it is not of ``expected_version``."""
        self.update_many([(changed, expected_version)])

    def update_many(self, changes: Sequence[tuple[Dispute, int]]) -> None:
        """As ``update`` for (case, expected version) pairs of different cases: all of them or StaleVersion."""
        if _CHANGE.run_rows(self._connection, [_change(*each) for each in changes]) != len(changes):
            raise StaleVersion

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Dispute, ...]]:
        """Read all cases of the subjects that have one, oldest first: on the hot path of an inquiry."""
        return grouped(self._of(Dispute, OF_SUBJECTS, keys), attrgetter("subject_key"))

    def these(self, places: Collection[Place]) -> tuple[Dispute, ...]:
        """Read the existing ones of the cases named by subject and id."""
        return self._at(Dispute, _THESE, places)

    def of_records(self, records: Collection[Place]) -> dict[uuid.UUID, tuple[Dispute, ...]]:
        """Read all cases of these records that have one, by record, oldest first."""
        return grouped(self._at(Dispute, _OF_RECORDS, records), attrgetter("record_id"))

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Dispute, ...]:
        """Read all cases of one record, oldest first."""
        return self._all(Dispute, _OF_RECORD, key=subject_key, id=record_id)

    def open_of_record(self, subject_key: bytes, record_id: uuid.UUID) -> Dispute | None:
        """Find the record's case that is not closed; there is at most one."""
        return self._one(Dispute, _OPEN_OF_RECORD, key=subject_key, id=record_id)

    @fan_out
    def find(self, dispute_id: uuid.UUID) -> Dispute | None:
        return self._one(Dispute, _FIND, id=dispute_id)

    @fan_out
    def due_silent(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """Find OPEN cases whose last day for an answer was before ``on``, the longest due first."""
        return self._all(Dispute, _SILENT, day=on, most=limit)

    @fan_out
    def due_lapsed(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """Find SUSPENDED cases whose last day for a late answer was before ``on``, the longest due first."""
        return self._all(Dispute, _LAPSED, day=on, most=limit)

    @fan_out
    def due_reminders(self, on: dt.date, limit: int) -> tuple[Dispute, ...]:
        """Find cases with a reminder due by ``on``, the longest due first."""
        return self._all(Dispute, _TO_REMIND, day=on, most=limit)

    @fan_out
    def page(
        self, party: str | None, state: DisputeState | None, after: uuid.UUID, limit: int, today: dt.date | None = None
    ) -> tuple[Dispute, ...]:
        """Read up to ``limit`` cases behind an id, oldest first: everybody's, or those that ``party`` is a side of.

        With a state: those stored in it or, given a day, those that may be in it then since a deadline has passed.
        """
        chosen = _PAGE if state is None else _PAGE.where(_may_be(state, today))
        sides = [chosen]
        if party is not None:
            sides = [chosen.where(column == party) for column in (dispute.c.creditor_id, dispute.c.filed_by)]
        cases = {case.dispute_id: case for each in sides for case in self._all(Dispute, each, after=after, most=limit)}
        return tuple(cases[dispute_id] for dispute_id in sorted(cases)[:limit])
