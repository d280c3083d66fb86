"""Keep records of arrears; a record changes only against the version that was read."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from protocol.codes import Category, NoticeChannel, ServiceClass
from protocol.states import CLOSED_STATES, OPEN_STATES, RecordState
from registry.domain.credit import ENDED_STATES, EndedDebt
from registry.domain.records import Record
from registry.domain.retention import EXPIRING_STATES
from registry.domain.standing import HEARD_STATES, SILENT_STATES
from registry.store import columns
from registry.store.changes import Change
from registry.store.disputes import NOT_CLOSED, dispute
from registry.store.errors import StaleVersion
from registry.store.prepared import ByKeys, Insert, Place, Row, grouped
from registry.store.repository import Repository, fan_out

OPEN_IN_ANY_RULES: Final = (
    RecordState.PENDING,
    RecordState.ACTIVE,
    RecordState.DISPUTED,
    RecordState.SUSPENDED,
    RecordState.ARRANGED,
    RecordState.FROZEN,
)
"""States in which a debt is still owed here, those reserved for later rules included: an index is slow to change."""

IS_CLOSED: Final = columns.states_in(sorted(CLOSED_STATES))

IS_PENDING: Final = f"state = '{RecordState.PENDING}'"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

record: Final = sa.Table(
    "record",
    columns.metadata,
    columns.key(),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.octets("account_ref"),
    columns.coded("state", RecordState, 20),
    columns.coded("service_class", ServiceClass, 16),
    columns.coded("category", Category, 16),
    columns.fen("principal_fen"),
    columns.fen("paid_fen"),
    columns.fen("costs_fen"),
    columns.integer("fee_free_days"),
    columns.day("due_date"),
    columns.day("suspended_on", nullable=True),
    columns.day("ended_on", nullable=True),
    columns.day("notice_date"),
    columns.coded("notice_channel", NoticeChannel, 24, nullable=True),
    columns.day("enforceable_from"),
    columns.day("clock_on"),
    columns.day("confirmed_on", nullable=True),
    columns.day("asked_on", nullable=True),
    columns.day("figures_on"),
    columns.day("settled_on", nullable=True),
    columns.integer("plan_breaks"),
    columns.day("last_break_on", nullable=True),
    columns.octets("evidence_digest", 32, nullable=True),
    columns.text("dealer", 32, nullable=True),
    columns.text("rules_version", 32),
    columns.integer("late_fee_daily_ppm"),
    columns.integer("late_fee_cap_ppm"),
    columns.integer("version"),
    columns.time("received_at"),
    columns.time("state_since"),
    columns.uuid("log_entry_id"),
    columns.uuid("origin_record_id", nullable=True),
    # Written and read with the record, and never searched by: a link leads from a household to a record.
    columns.octets("register_key", columns.KEY_BYTES, nullable=True),
    columns.octets("address_key", columns.KEY_BYTES, nullable=True),
    columns.octets("person_ref", 32, nullable=True),
    sa.PrimaryKeyConstraint("subject_key", "record_id"),
    columns.references(["subject_key"], "subject"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("account_ref", 32),
    columns.length("register_key"),
    columns.length("address_key"),
    columns.length("person_ref", 32),
    columns.at_least("paid_fen", 0),
    columns.at_least("costs_fen", 0),
    columns.at_least("plan_breaks", 0),
    columns.at_least("late_fee_daily_ppm", 0),
    columns.at_least("late_fee_cap_ppm", 0),
    columns.at_least("version", 1),
    sa.CheckConstraint("principal_fen > 0", name="principal_fen_positive"),
    sa.CheckConstraint(columns.states_in(tuple(RecordState)), name="state_known"),
    sa.Index(None, "creditor_id", "account_ref"),
    sa.Index(None, "record_id"),
    columns.partial(
        "uq_record_open_account",
        "subject_key",
        "creditor_id",
        "account_ref",
        where=columns.states_in(OPEN_IN_ANY_RULES),
        unique=True,
    ),
    columns.partial("ix_record_clock", "clock_on", where=IS_PENDING),
    columns.partial("ix_record_closed", "state_since", where=IS_CLOSED),
    # Not partial: a record falls due by its listing in almost every state, and leaves the table then.
    sa.Index(None, "received_at"),
    info=columns.BY_SUBJECT,
)

_ALL: Final = sa.select(record)
_INSERT: Final = Insert(record)
_OF_SUBJECTS: Final = ByKeys(_ALL, record.c.subject_key, order=(record.c.subject_key, record.c.record_id))
ACTIVE: Final = ByKeys(
    _ALL.where(record.c.state == sa.literal_column(f"'{RecordState.ACTIVE}'")),
    record.c.subject_key,
)
WEIGHING: Final = ByKeys(
    sa.select(*(record.c[each.name] for each in fields(EndedDebt))).where(
        sa.text(columns.states_in(sorted(ENDED_STATES)))
    ),
    record.c.subject_key,
)
"""The part of the records that no longer block which weighs in a credit grade."""
_FIND_MANY: Final = sa.select(record.c.subject_key).where(
    record.c.record_id.in_(sa.bindparam("ids", expanding=True)), record.c.creditor_id == sa.bindparam("creditor")
)
_THESE: Final = _ALL.where(
    record.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    record.c.record_id.in_(sa.bindparam("ids", expanding=True)),
)
_FIND: Final = _ALL.where(record.c.record_id == sa.bindparam("id"))
_ONE: Final = _FIND.where(record.c.subject_key == sa.bindparam("key"))
_OF_ACCOUNT: Final = _ALL.where(
    record.c.creditor_id == sa.bindparam("creditor"), record.c.account_ref == sa.bindparam("account")
).order_by(record.c.record_id)
# The state is a literal, or the planner would not use the partial index.
_DUE: Final = (
    _ALL.where(
        record.c.state == sa.literal_column(f"'{RecordState.PENDING}'"),
        record.c.clock_on <= sa.bindparam("day"),
    )
    .order_by(record.c.clock_on)
    .limit(sa.bindparam("most"))
)
_COUNT: Final = sa.select(record.c.state, sa.func.count()).group_by(record.c.state)
_UNHEARD: Final[sa.Select[Any]] = (
    sa.select(sa.literal_column("1"))
    .where(
        sa.text(NOT_CLOSED), dispute.c.subject_key == record.c.subject_key, dispute.c.record_id == record.c.record_id
    )
    .correlate(record)
)
"""The cases of a record that are not closed."""
_FEE: Final = ("late_fee_daily_ppm", "late_fee_cap_ppm")
_FIXED: Final = frozenset(
    {"subject_key", "record_id", "creditor_id", "account_ref", "received_at", "origin_record_id", *_FEE}
)
"""The fixed columns of a record, as against the changeable ones."""
_CHANGING: Final = tuple(each.name for each in record.c if each.name not in _FIXED)
_CHANGE: Final = Change(record, _CHANGING, at=("subject_key", "record_id", "version"))
_REKEY: Final = Change(record, ("account_ref",))
_CHANGED: Final = attrgetter(*_CHANGING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A Beijing date, and the moment before which a record must have been listed to be over on it."""

    today: dt.date
    over: dt.datetime


def _expired(listed_before: dt.datetime) -> "sa.ColumnElement[bool]":
    return sa.and_(record.c.state.in_(sorted(EXPIRING_STATES)), record.c.received_at < listed_before)


def may_be(state: RecordState, day: Day | None) -> "sa.ColumnElement[bool]":
    """Select the records that may be in ``state`` by their dates: few more than are."""
    stored = record.c.state == state
    if day is None:
        return stored
    if state is RecordState.EXPIRED:
        return sa.or_(stored, _expired(day.over))
    if state is RecordState.CANCELLED:
        return sa.or_(stored, sa.and_(record.c.state == RecordState.PENDING, record.c.clock_on <= day.today))
    if state in (RecordState.SUSPENDED, RecordState.WITHDRAWN):
        waits = record.c.state.in_(sorted(HEARD_STATES | SILENT_STATES))
        return sa.or_(stored, sa.and_(waits, _UNHEARD.where(dispute.c.answer_due < day.today).exists()))
    return stored


def _change(each: Record, expected_version: int) -> Row:
    return (each.subject_key, each.record_id, expected_version, *_CHANGED(each))


class Records(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Record, ...]]:
        """Read all records of the subjects, oldest first; a subject without any is left out."""
        return grouped(self._of(Record, _OF_SUBJECTS, keys), attrgetter("subject_key"))

    def active_of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Record, ...]]:
        """Read the blocking records of the subjects that have one: the hot path of an inquiry."""
        return grouped(self._of(Record, ACTIVE, keys), attrgetter("subject_key"))

    def add(self, records: Sequence[Record]) -> None:
        _INSERT.run(self._connection, records)

    def update(self, changed: Record, *, expected_version: int) -> None:
        """Write the changeable columns of a record; raises StaleVersion when it is not of ``expected_version``."""
        self.update_many([(changed, expected_version)])

    def update_many(self, changes: Sequence[tuple[Record, int]]) -> None:
        """As ``update`` for (record, expected version) pairs of different records: all of them or StaleVersion."""
        if _CHANGE.run_rows(self._connection, [_change(*each) for each in changes]) != len(changes):
            raise StaleVersion

    def rekey(self, records: Sequence[Record], account_ref: bytes) -> None:
        """Give records another reference of the same account; the caller has the subjects' locks."""
        _REKEY.run_rows(self._connection, [(each.subject_key, each.record_id, account_ref) for each in records])

    def these(self, places: Collection[Place]) -> dict[uuid.UUID, Record]:
        """Read the existing ones of the records named by subject and id, by their ids."""
        return {each.record_id: each for each in self._at(Record, _THESE, places)}

    def get(self, subject_key: bytes, record_id: uuid.UUID) -> Record | None:
        """Read one record of a subject."""
        return self._one(Record, _ONE, key=subject_key, id=record_id)

    @fan_out
    def find(self, record_id: uuid.UUID) -> Record | None:
        return self._one(Record, _FIND, id=record_id)

    @fan_out
    def subjects_of(self, creditor_id: str, record_ids: Sequence[uuid.UUID]) -> frozenset[bytes]:
        """Find the subjects of the creditor's records among these: at most some thousand ids."""
        rows = self._connection.execute(_FIND_MANY, {"creditor": creditor_id, "ids": list(record_ids)})
        return frozenset(row[0] for row in rows)

    @fan_out
    def of_account(self, creditor_id: str, account_ref: bytes) -> tuple[Record, ...]:
        """Read every record of one creditor's account, oldest first, of any subject."""
        return self._all(Record, _OF_ACCOUNT, creditor=creditor_id, account=account_ref)

    @fan_out
    def due_pending(self, on: dt.date, limit: int) -> tuple[Record, ...]:
        """Find PENDING records with work for the scheduler by ``on``, the longest due first."""
        return self._all(Record, _DUE, day=on, most=limit)

    @fan_out
    def count_by_state(self) -> dict[RecordState, int]:
        return {row[0]: row[1] for row in self._connection.execute(_COUNT)}

    @fan_out
    def open_of(self, creditor_id: str, listed_before: dt.datetime | None = None) -> dict[RecordState, int]:
        """Count a creditor's open records by state; a state without any is left out.

        Records that were listed before a moment are over, even before the scheduler ends them.
        """
        statement = _COUNT.where(record.c.creditor_id == creditor_id, record.c.state.in_(sorted(OPEN_STATES)))
        if listed_before is not None:
            statement = statement.where(~_expired(listed_before))
        return {row[0]: row[1] for row in self._connection.execute(statement)}
