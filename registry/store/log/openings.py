"""Keep the openings of the log's entries: written with the business change, erased in part, never deleted."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.log_entries import EntryKind
from registry.domain.log import LogEntry
from registry.domain.retention import ENTRIES_ERASED_BY_AGE
from registry.store import columns
from registry.store.changes import Change
from registry.store.log.pending import Pending, cores_on_postgresql
from registry.store.prepared import Insert, Place
from registry.store.repository import Repository, driver_rows, fan_out

_HAS_AGED: Final = "kind IN ({}) AND personal IS NOT NULL".format(
    ", ".join(f"'{kind}'" for kind in ENTRIES_ERASED_BY_AGE)
)
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

# ``subject_key`` is sixteen zero bytes where an entry concerns no subject, so there is no foreign key to one.
log_opening: Final = sa.Table(
    "log_opening",
    columns.metadata,
    columns.key(),
    columns.uuid("entry_id"),
    columns.text("kind", 48),
    columns.time("at"),
    columns.text("participant_id", 64),
    columns.uuid("request_id", nullable=True),
    columns.octets("core"),
    columns.octets("core_salt"),
    columns.octets("personal", nullable=True),
    columns.octets("personal_salt", nullable=True),
    columns.uuid("erased_by", nullable=True),
    sa.PrimaryKeyConstraint("subject_key", "entry_id"),
    columns.length("subject_key"),
    columns.length("core_salt", 32),
    sa.CheckConstraint("(personal IS NULL) = (personal_salt IS NULL)", name="personal_whole"),
    sa.CheckConstraint("erased_by IS NULL OR personal IS NULL", name="erased_is_gone"),
    sa.Index(None, "entry_id"),
    columns.partial("ix_log_opening_by_age", "entry_id", where=_HAS_AGED),
    info=columns.BY_SUBJECT,
    # A UUIDv7 begins with its time, so the months are ranges of it.
    postgresql_partition_by="RANGE (entry_id)",
)

NOBODY: Final = bytes(16)
"""The subject key of an entry that concerns no subject, or a forgotten one."""

_INSERT: Final = Insert(log_opening)
_FIND: Final = sa.select(log_opening).where(log_opening.c.entry_id == sa.bindparam("id"))
_FIND_MANY: Final = sa.select(log_opening).where(log_opening.c.entry_id.in_(sa.bindparam("ids", expanding=True)))
_OF_PARTICIPANT: Final = _FIND_MANY.where(log_opening.c.participant_id == sa.bindparam("by"))
_ALL: Final = sa.select(log_opening).order_by(log_opening.c.entry_id).limit(sa.bindparam("most"))
_NEWEST: Final = sa.select(log_opening.c.entry_id).order_by(log_opening.c.entry_id.desc()).limit(1)
# The first possible id is a bound, so that the database skips earlier months.
_THEIRS: Final = (
    log_opening.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    log_opening.c.entry_id >= sa.bindparam("since"),
    log_opening.c.kind != sa.literal_column(f"'{EntryKind.INQUIRY}'"),
)
_OF_SUBJECTS: Final = sa.select(log_opening.c.subject_key, log_opening.c.entry_id).where(*_THEIRS)
_CORES_OF_SUBJECTS: Final = _OF_SUBJECTS.add_columns(log_opening.c.core)
_OLD: Final = (
    sa.select(log_opening.c.subject_key, log_opening.c.entry_id)
    .where(
        sa.text(_HAS_AGED),
        log_opening.c.entry_id >= sa.bindparam("since"),
        log_opening.c.entry_id < sa.bindparam("before"),
    )
    .order_by(log_opening.c.entry_id)
    .limit(sa.bindparam("most"))
)
_CORES_SQLITE: Final = "SELECT entry_id, core, core_salt FROM log_opening WHERE entry_id IN ({})"
_ERASE: Final = Change(log_opening, ("subject_key", "personal", "personal_salt", "erased_by"), by_range="entry_id")
Opening = Place
"""The subject key of an opening, and the entry's id."""


class Openings(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Add entries: from the commit on each waits for the integrator, and nothing removes it from the log."""
        _INSERT.add(self._connection, entries)
        Pending(self._connection).add(entries)

    @fan_out
    def find(self, entry_id: uuid.UUID) -> LogEntry | None:
        """Find an entry with its opening."""
        return self._one(LogEntry, _FIND, id=entry_id)

    @fan_out
    def find_many(self, entry_ids: Collection[uuid.UUID], *, by: str | None = None) -> dict[uuid.UUID, LogEntry]:
        """Find the existing ones of these entries (at most some thousands); ``by`` narrows them to one actor."""
        if not entry_ids:
            return {}
        ids = list(entry_ids)
        entries = (
            self._all(LogEntry, _FIND_MANY, ids=ids)
            if by is None
            else self._all(LogEntry, _OF_PARTICIPANT, ids=ids, by=by)
        )
        return {entry.entry_id: entry for entry in entries}

    @fan_out
    def first(self, limit: int) -> tuple[LogEntry, ...]:
        """Read the oldest entries by id, whether integrated or not."""
        return self._all(LogEntry, _ALL, most=limit)

    @fan_out
    def newest(self) -> uuid.UUID | None:
        """Find the id of the newest entry; None before the first."""
        newest: uuid.UUID | None = self._connection.execute(_NEWEST).scalar_one_or_none()
        return newest

    @fan_out
    def cores(self, entry_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """Read (core, core salt) by id of the existing ones of these entries (at most some thousands)."""
        if not self._is_sqlite:
            return cores_on_postgresql(self._connection, entry_ids)
        names = [each.hex() for each in entry_ids]
        if not names:
            return {}
        text = _CORES_SQLITE.format(",".join("?" * len(names)))
        rows = driver_rows(self._connection.exec_driver_sql(text, tuple(names)))
        return {bytes.fromhex(name): (core, salt) for name, core, salt in rows}

    def of_subjects(self, keys: Collection[bytes], since: uuid.UUID) -> tuple[Opening, ...]:
        """Find the openings to erase with forgotten subjects, of ids from ``since`` on. It needs the subjects' locks.

        Inquiries are erased by their age, and no opening of a subject is older than the subject's row.
        """
        rows = self._connection.execute(_OF_SUBJECTS, {"keys": sorted(keys), "since": since})
        return tuple((row.subject_key, row.entry_id) for row in rows)

    def cores_of_subjects(self, keys: Collection[bytes], since: uuid.UUID) -> tuple[tuple[Opening, bytes], ...]:
        """Find the same as ``of_subjects``, each with the entry's core, which names its record."""
        rows = self._connection.execute(_CORES_OF_SUBJECTS, {"keys": sorted(keys), "since": since})
        return tuple(((row.subject_key, row.entry_id), row.core) for row in rows)

    @fan_out
    def old_openings(self, since: uuid.UUID, before: uuid.UUID, limit: int) -> tuple[Opening, ...]:
        """Find the openings to erase by age, of ids between two and with their personal part, oldest first."""
        rows = self._connection.execute(_OLD, {"since": since, "before": before, "most": limit})
        return tuple((key, entry_id) for key, entry_id in rows)

    def erase(self, openings: Sequence[Opening], erased_by: uuid.UUID) -> None:
        """Erase the personal parts and file the openings under no subject; ``erased_by`` is the entry of the erasure.

        An entry that waits for the integrator waits on under its new place: its leaf needs no personal part.
        """
        if not openings:
            return
        Pending(self._connection).move(openings, NOBODY)
        _ERASE.run_rows(self._connection, [(*place, NOBODY, None, None, erased_by) for place in openings])
