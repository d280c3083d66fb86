"""Records of arrears: found by subject on the hot paths, changed only against the version that was read."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.codes import Category, NoticeChannel, ServiceClass
from registry.domain.record import Record, RecordState
from registry.store.errors import StaleVersion
from registry.store.schema import record
from registry.store.statements import ByKeys, Row, fan_out, run_each

_ALL: Final = sa.select(record)
_INSERT: Final = sa.insert(record)
_OF_SUBJECTS: Final = ByKeys(_ALL.order_by(record.c.subject_key, record.c.record_id), record.c.subject_key)
_ACTIVE: Final = ByKeys(
    _ALL.where(record.c.state == sa.literal_column(f"'{RecordState.ACTIVE}'")),
    record.c.subject_key,
)
_FIND: Final = _ALL.where(record.c.record_id == sa.bindparam("id"))
_OF_ACCOUNT: Final = _ALL.where(
    record.c.creditor_id == sa.bindparam("creditor"), record.c.account_ref == sa.bindparam("account")
).order_by(record.c.record_id)
# The state stands in the text, or the partial index would not be seen to fit.
_DUE: Final = (
    _ALL.where(
        record.c.state == sa.literal_column(f"'{RecordState.PENDING}'"),
        record.c.enforceable_from <= sa.bindparam("day"),
    )
    .order_by(record.c.enforceable_from)
    .limit(sa.bindparam("most"))
)
_COUNT: Final = sa.select(record.c.state, sa.func.count()).group_by(record.c.state)

_FIXED: Final = frozenset({"subject_key", "record_id", "creditor_id", "account_ref", "received_at"})
"""What a record is, as against what becomes of it."""
_CHANGE: Final = (
    sa.update(record)
    .where(
        record.c.subject_key == sa.bindparam("at_key"),
        record.c.record_id == sa.bindparam("at_id"),
        record.c.version == sa.bindparam("at_version"),
    )
    .values({each.name: sa.bindparam(each.name) for each in record.c if each.name not in _FIXED})
)

_STATES: Final[Mapping[str, RecordState]] = {each.value: each for each in RecordState}
_SERVICES: Final[Mapping[str, ServiceClass]] = {each.value: each for each in ServiceClass}
_CATEGORIES: Final[Mapping[str, Category]] = {each.value: each for each in Category}
_CHANNELS: Final[Mapping[str | None, NoticeChannel | None]] = {
    None: None,
    **{each.value: each for each in NoticeChannel},
}


def _changing(each: Record) -> dict[str, Any]:
    return {
        "state": each.state.value,
        "service_class": each.service_class.value,
        "category": each.category.value,
        "principal_fen": each.principal_fen,
        "paid_fen": each.paid_fen,
        "due_date": each.due_date,
        "suspended_on": each.suspended_on,
        "ended_on": each.ended_on,
        "notice_date": each.notice_date,
        "notice_channel": None if each.notice_channel is None else each.notice_channel.value,
        "enforceable_from": each.enforceable_from,
        "dealer": each.dealer,
        "rules_version": each.rules_version,
        "version": each.version,
        "state_since": each.state_since,
        "log_entry_id": each.log_entry_id,
    }


def _values(each: Record) -> dict[str, Any]:
    values = _changing(each)
    values["subject_key"] = each.subject_key
    values["record_id"] = each.record_id
    values["creditor_id"] = each.creditor_id
    values["account_ref"] = each.account_ref
    values["received_at"] = each.received_at
    return values


def _change(each: Record, expected_version: int) -> dict[str, Any]:
    values = _changing(each)
    values["at_key"] = each.subject_key
    values["at_id"] = each.record_id
    values["at_version"] = expected_version
    return values


def _record(row: Row) -> Record:
    # In the order of the table's columns: unpacking a tuple is several times faster than looking names up.
    (
        subject_key,
        record_id,
        creditor_id,
        account_ref,
        state,
        service_class,
        category,
        principal_fen,
        paid_fen,
        due_date,
        suspended_on,
        ended_on,
        notice_date,
        notice_channel,
        enforceable_from,
        dealer,
        rules_version,
        version,
        received_at,
        state_since,
        log_entry_id,
    ) = row
    return Record(
        subject_key=subject_key,
        record_id=record_id,
        creditor_id=creditor_id,
        account_ref=account_ref,
        state=_STATES[state],
        service_class=_SERVICES[service_class],
        category=_CATEGORIES[category],
        principal_fen=principal_fen,
        paid_fen=paid_fen,
        due_date=due_date,
        suspended_on=suspended_on,
        ended_on=ended_on,
        notice_date=notice_date,
        notice_channel=_CHANNELS[notice_channel],
        enforceable_from=enforceable_from,
        dealer=dealer,
        rules_version=rules_version,
        version=version,
        received_at=received_at,
        state_since=state_since,
        log_entry_id=log_entry_id,
    )


def _grouped(rows: Iterable[Row]) -> dict[bytes, tuple[Record, ...]]:
    found: dict[bytes, tuple[Record, ...]] = {}
    for row in rows:
        each = _record(row)
        found[each.subject_key] = (*found.get(each.subject_key, ()), each)
    return found


class Records:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Record, ...]]:
        """All records of the subjects, oldest first; a subject without any is left out."""
        return _grouped(_OF_SUBJECTS.rows(self._connection, keys))

    def active_of_subjects(self, keys: Collection[bytes]) -> dict[bytes, tuple[Record, ...]]:
        """The records that block, of the subjects that have one: the hot path of an inquiry."""
        return _grouped(_ACTIVE.rows(self._connection, keys))

    def add(self, records: Sequence[Record]) -> None:
        run_each(self._connection, _INSERT, [_values(each) for each in records])

    def update(self, changed: Record, *, expected_version: int) -> None:
        """Write all that may change of a record; raises StaleVersion when it is not of ``expected_version``."""
        self.update_many([(changed, expected_version)])

    def update_many(self, changes: Sequence[tuple[Record, int]]) -> None:
        """As ``update`` for (record, expected version) pairs of different records: all of them or StaleVersion."""
        if run_each(self._connection, _CHANGE, [_change(*each) for each in changes]) != len(changes):
            raise StaleVersion

    @fan_out
    def find(self, record_id: uuid.UUID) -> Record | None:
        row = self._connection.execute(_FIND, {"id": record_id}).one_or_none()
        return None if row is None else _record(row)

    @fan_out
    def of_account(self, creditor_id: str, account_ref: bytes) -> tuple[Record, ...]:
        """Every record of one creditor's account, oldest first, whichever subject it was reported for."""
        rows = self._connection.execute(_OF_ACCOUNT, {"creditor": creditor_id, "account": account_ref})
        return tuple(_record(row) for row in rows)

    @fan_out
    def due_pending(self, on: dt.date, limit: int) -> tuple[Record, ...]:
        """PENDING records whose lead time has run by ``on``, the longest due first."""
        return tuple(_record(row) for row in self._connection.execute(_DUE, {"day": on, "most": limit}))

    @fan_out
    def count_by_state(self) -> dict[RecordState, int]:
        return {_STATES[state]: count for state, count in self._connection.execute(_COUNT)}
