"""Find the records that are due to leave the list, and keep sealed records and their tombstones."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any, Final

import sqlalchemy as sa

from protocol.states import RecordState
from registry.domain.endings import Ending
from registry.domain.retention import EXPIRING_STATES, SealedEnding, SealedRecord
from registry.store import columns
from registry.store.changes import Change
from registry.store.households import Households, household_link
from registry.store.inquiry_hits import hit
from registry.store.prepared import ByKeys, Insert, Place, in_parts
from registry.store.records import IS_CLOSED, record
from registry.store.repository import Repository, fan_out

NOT_PURGED: Final = "purged_at IS NULL"
"""Equal to the condition of the clock's query word for word: SQLite takes a partial index only then."""

# No foreign key to the subject: a tombstone outlives its subject.
sealed_record: Final = sa.Table(
    "sealed_record",
    columns.metadata,
    columns.key(),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.octets("debt_digest"),
    columns.octets("account_digest", nullable=True),
    columns.coded("ending", Ending, 16, nullable=True),
    columns.day("bars_due_by", nullable=True),
    columns.coded("state", RecordState, 20),
    columns.day("listed_on"),
    columns.time("closed_at"),
    columns.time("sealed_at"),
    columns.day("purge_on"),
    columns.time("purged_at", nullable=True),
    columns.text("suite", 32),
    columns.integer("kek_epoch"),
    columns.octets("wrapped_key", nullable=True),
    columns.octets("ciphertext", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "record_id"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("subject_key"),
    columns.length("debt_digest", 32),
    columns.length("account_digest", 32),
    sa.Index(None, "record_id"),
    columns.partial("ix_sealed_record_to_purge", "purge_on", where=NOT_PURGED),
    info=columns.BY_SUBJECT,
)

# The states are literals, or the planner would not use the partial index.
_CLOSED: Final = sa.text(IS_CLOSED)
_EXPIRING: Final = sa.text(columns.states_in(sorted(EXPIRING_STATES)))
_MOST: Final[sa.BindParameter[int]] = sa.bindparam("most")
_LISTED: Final = (
    sa.select(record.c.subject_key, record.c.record_id)
    .where(record.c.received_at < sa.bindparam("before"))
    .order_by(record.c.received_at)
    .limit(_MOST)
)
_EXPIRY: Final = _LISTED.where(_EXPIRING)
_CAPPED: Final = _LISTED.where(_CLOSED)
_CLOSED_LONG: Final = (
    sa.select(record.c.subject_key, record.c.record_id)
    .where(_CLOSED, record.c.state_since < sa.bindparam("before"))
    .order_by(record.c.state_since)
    .limit(_MOST)
)
_TO_PURGE: Final = (
    sa.select(sealed_record.c.subject_key, sealed_record.c.record_id)
    .where(sa.text(NOT_PURGED), sealed_record.c.purge_on <= sa.bindparam("day"))
    .order_by(sealed_record.c.purge_on)
    .limit(_MOST)
)
_INSERT: Final = Insert(sealed_record)
_OF_SUBJECTS: Final = ByKeys(
    sa.select(sealed_record).order_by(sealed_record.c.subject_key, sealed_record.c.record_id),
    sealed_record.c.subject_key,
)
_DIGESTS: Final = ByKeys(
    sa.select(sealed_record.c.subject_key, sealed_record.c.debt_digest), sealed_record.c.subject_key
)
_FORMER: Final = ByKeys(
    sa.select(
        sealed_record.c.subject_key,
        sealed_record.c.creditor_id,
        sealed_record.c.record_id,
        sealed_record.c.debt_digest,
        sealed_record.c.account_digest,
        sealed_record.c.ending,
        sealed_record.c.bars_due_by,
        sealed_record.c.listed_on,
        sealed_record.c.closed_at,
    ),
    sealed_record.c.subject_key,
)
_THESE: Final = sa.select(sealed_record).where(
    sealed_record.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    sealed_record.c.record_id.in_(sa.bindparam("ids", expanding=True)),
)
_FIND: Final = sa.select(sealed_record).where(sealed_record.c.record_id == sa.bindparam("id"))
_CHANGE: Final = Change(sealed_record, ("state", "purged_at", "wrapped_key", "ciphertext", "log_entry_id"))
_LINKED: Final = (
    sa.select(household_link.c.household_key)
    .where(
        household_link.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        household_link.c.record_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .distinct()
)
_UNLINK: Final = Change(household_link, at=("subject_key", "record_id"))
_UNHIT: Final = Change(hit, at=("subject_key", "record_id"))


class Archive(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    @fan_out
    def due_expiry(self, listed_before: dt.datetime, limit: int) -> tuple[Place, ...]:
        """Find open records that were listed before a moment, the oldest first."""
        return self._places(_EXPIRY, before=listed_before, most=limit)

    @fan_out
    def due_sealing(self, closed_before: dt.datetime, listed_before: dt.datetime, limit: int) -> tuple[Place, ...]:
        """Find closed records that were closed, or were listed, before a moment; of each kind the oldest first."""
        places = self._places(_CLOSED_LONG, before=closed_before, most=limit)
        return tuple(dict.fromkeys((*places, *self._places(_CAPPED, before=listed_before, most=limit))))

    @fan_out
    def due_purge(self, on: dt.date, limit: int) -> tuple[Place, ...]:
        """Find sealed records whose content is to be destroyed by ``on``, the longest due first."""
        return self._places(_TO_PURGE, day=on, most=limit)

    @fan_out
    def unlink(self, records: Collection[Place]) -> None:
        """Delete the household links of records, and the households that nothing else names."""
        rows = [row for part in in_parts(records) for row in self._connection.execute(_LINKED, part)]
        _UNLINK.run_rows(self._connection, sorted(set(records)))
        Households(self._connection).forget_unnamed({row.household_key for row in rows})

    def forget_hits(self, records: Collection[Place]) -> None:
        """Delete the hits of the records in inquiries."""
        _UNHIT.run_rows(self._connection, sorted(set(records)))

    def add(self, sealed: Sequence[SealedRecord]) -> None:
        _INSERT.run(self._connection, sealed)

    def update(self, changed: Sequence[SealedRecord]) -> None:
        """Write the changeable columns of sealed records; the caller has the subjects' locks."""
        _CHANGE.run(self._connection, changed)

    def of_subjects(self, keys: Collection[bytes]) -> tuple[SealedRecord, ...]:
        """Read all sealed records of the subjects, tombstones included, each subject's oldest first."""
        return tuple(self._of(SealedRecord, _OF_SUBJECTS, keys))

    def these(self, places: Collection[Place]) -> tuple[SealedRecord, ...]:
        """Read the existing ones of the sealed records named by subject and id."""
        return self._at(SealedRecord, _THESE, places)

    def debts(self, keys: Collection[bytes]) -> frozenset[tuple[bytes, bytes]]:
        """Read (subject key, digest of the debt) of every record that was closed and has left the list."""
        return frozenset((row[0], row[1]) for row in _DIGESTS.rows(self._connection, keys))

    def endings(self, keys: Collection[bytes], creditor_id: str) -> dict[bytes, tuple[SealedEnding, ...]]:
        """Read the ends of the subjects' sealed records with one creditor, purged ones included."""
        endings: dict[bytes, tuple[SealedEnding, ...]] = {}
        for subject_key, creditor, *values in _FORMER.rows(self._connection, keys):
            if creditor == creditor_id:
                ending = SealedEnding(**dict(zip(_FORMER.names[2:], values, strict=True)))
                endings[subject_key] = (*endings.get(subject_key, ()), ending)
        return endings

    @fan_out
    def find(self, record_id: uuid.UUID) -> SealedRecord | None:
        return self._one(SealedRecord, _FIND, id=record_id)

    def _places(self, select: "sa.Select[Any]", **parameters: Any) -> tuple[Place, ...]:
        return tuple((row.subject_key, row.record_id) for row in self._connection.execute(select, parameters))
