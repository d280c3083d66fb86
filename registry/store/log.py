"""What opens the entries of the access log: written with the business change, in one commit; erased, never deleted."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.log_entries import EntryKind
from registry.domain.requests import LogEntry
from registry.store.log_tables import ERASED_BY_AGE
from registry.store.schema import log_opening, log_pending
from registry.store.sets import ManyChanges
from registry.store.statements import Insert, Place, fan_out, in_parts

NOBODY: Final = bytes(16)
"""What an entry is filed under that concerns no subject, or one that is forgotten."""

_INSERT: Final = Insert(log_opening)
_WAIT: Final = Insert(log_pending)
_FIND: Final = sa.select(log_opening).where(log_opening.c.entry_id == sa.bindparam("id"))
_FIND_MANY: Final = sa.select(log_opening).where(log_opening.c.entry_id.in_(sa.bindparam("ids", expanding=True)))
_OF_PARTICIPANT: Final = _FIND_MANY.where(log_opening.c.participant_id == sa.bindparam("by"))
_ALL: Final = sa.select(log_opening).order_by(log_opening.c.entry_id).limit(sa.bindparam("most"))
_NEWEST: Final = sa.select(log_opening.c.entry_id).order_by(log_opening.c.entry_id.desc()).limit(1)
# With the first id that can be theirs: the database leaves the months before it alone.
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
        sa.text(ERASED_BY_AGE),
        log_opening.c.entry_id >= sa.bindparam("since"),
        log_opening.c.entry_id < sa.bindparam("before"),
    )
    .order_by(log_opening.c.entry_id)
    .limit(sa.bindparam("most"))
)
_ERASE: Final = ManyChanges(
    log_opening,
    "subject_key",
    ("entry_id",),
    ("subject_key", "personal", "personal_salt", "erased_by"),
    by_range="entry_id",
)

# Locked: what the integrator takes out in the meantime has its place, and must not wait again under another key.
_WAITING: Final = (
    sa.select(log_pending.c.subject_key, log_pending.c.entry_id)
    .where(
        log_pending.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        log_pending.c.entry_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .with_for_update()
)
_WAIT_NO_MORE: Final = ManyChanges(log_pending, "subject_key", ("entry_id",))

Opening = Place
"""The subject key that an opening is filed under, and the entry's id."""


class Log:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Add entries: from the commit on each waits for the integrator, and nothing takes it out of the log."""
        _INSERT.run(self._connection, entries)
        _WAIT.run(self._connection, entries)

    @fan_out
    def find(self, entry_id: uuid.UUID) -> LogEntry | None:
        """An entry with what opens it."""
        row = self._connection.execute(_FIND, {"id": entry_id}).mappings().one_or_none()
        return None if row is None else LogEntry(**row)

    @fan_out
    def find_many(self, entry_ids: Collection[uuid.UUID], *, by: str | None = None) -> dict[uuid.UUID, LogEntry]:
        """The entries that are there, of those asked for (at most some thousands); ``by`` is whose only."""
        if not entry_ids:
            return {}
        ids = list(entry_ids)
        found = (
            self._connection.execute(_FIND_MANY, {"ids": ids})
            if by is None
            else self._connection.execute(_OF_PARTICIPANT, {"ids": ids, "by": by})
        )
        rows = found.mappings()
        return {row["entry_id"]: LogEntry(**row) for row in rows}

    @fan_out
    def first(self, limit: int) -> tuple[LogEntry, ...]:
        """The oldest entries by id, whether integrated or not."""
        return tuple(LogEntry(**row) for row in self._connection.execute(_ALL, {"most": limit}).mappings())

    @fan_out
    def newest(self) -> uuid.UUID | None:
        """The id of the entry that was made last; None before there is one."""
        found: uuid.UUID | None = self._connection.execute(_NEWEST).scalar_one_or_none()
        return found

    def of_subjects(self, keys: Collection[bytes], since: uuid.UUID) -> tuple[Opening, ...]:
        """What can be erased with subjects that are forgotten, of ids from ``since`` on. Needs the subjects' locks.

        Inquiries go by their age, and nothing of a subject is older than what knows it.
        """
        rows = self._connection.execute(_OF_SUBJECTS, {"keys": sorted(keys), "since": since})
        return tuple((row.subject_key, row.entry_id) for row in rows)

    def cores_of_subjects(self, keys: Collection[bytes], since: uuid.UUID) -> tuple[tuple[Opening, bytes], ...]:
        """What ``of_subjects`` gives, each with the entry's core, which tells what it is about."""
        rows = self._connection.execute(_CORES_OF_SUBJECTS, {"keys": sorted(keys), "since": since})
        return tuple(((row.subject_key, row.entry_id), row.core) for row in rows)

    @fan_out
    def old_openings(self, since: uuid.UUID, before: uuid.UUID, limit: int) -> tuple[Opening, ...]:
        """What goes by its age, of ids between two and with its personal part still there, oldest first."""
        rows = self._connection.execute(_OLD, {"since": since, "before": before, "most": limit})
        return tuple((key, entry_id) for key, entry_id in rows)

    def erase(self, openings: Sequence[Opening], erased_by: uuid.UUID) -> None:
        """Take the personal parts away and file the openings under nobody; ``erased_by`` is the entry that says so.

        An entry that waits for the integrator waits on under its new place: its leaf needs no personal part.
        """
        if not openings:
            return
        rows = (row for part in in_parts(openings) for row in self._connection.execute(_WAITING, part))
        moved = sorted((row.subject_key, row.entry_id) for row in rows)
        _WAIT_NO_MORE.run(self._connection, moved)
        _ERASE.run(self._connection, [(*place, NOBODY, None, None, erased_by) for place in openings])
        _WAIT.run_rows(self._connection, [(NOBODY, each) for _, each in moved])
