"""Keep the openings of the log's entries: written with the business change, never changed, never deleted."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from registry.domain.log import LogEntry
from registry.store import columns
from registry.store.errors import Overtaken
from registry.store.log.pending import Pending, cores_on_postgresql
from registry.store.log.personal import Personal
from registry.store.prepared import Insert, Place
from registry.store.repository import Repository, driver_rows, fan_out

log_opening: Final = sa.Table(
    "log_opening",
    columns.metadata,
    columns.uuid("entry_id"),
    columns.text("kind", 48),
    columns.time("at"),
    columns.text("participant_id", 64),
    columns.uuid("request_id", nullable=True),
    columns.octets("core"),
    columns.octets("core_salt"),
    sa.PrimaryKeyConstraint("entry_id"),
    columns.length("core_salt", 32),
    info=columns.BY_ENTRY,
    # A UUIDv7 begins with its time, so the months are ranges of it.
    postgresql_partition_by="RANGE (entry_id)",
)

log_erasure: Final = sa.Table(
    "log_erasure",
    columns.metadata,
    columns.uuid("entry_id"),
    columns.uuid("erased_by"),
    sa.PrimaryKeyConstraint("entry_id"),
    info=columns.BY_ENTRY,
    sqlite_with_rowid=False,
)

_AT_ONCE: Final = 5_000
_INSERT: Final = Insert(log_opening)
_ERASE: Final = Insert(log_erasure, new_only=True)
# Both tables are led by the entry, so they meet on one node; the personal part lies under its subject.
_READ: Final = sa.select(log_opening, log_erasure.c.erased_by).outerjoin(
    log_erasure, log_erasure.c.entry_id == log_opening.c.entry_id
)
_FIND_MANY: Final = _READ.where(log_opening.c.entry_id.in_(sa.bindparam("ids", expanding=True)))
_OF_PARTICIPANT: Final = _FIND_MANY.where(log_opening.c.participant_id == sa.bindparam("by"))
_ALL: Final = _READ.order_by(log_opening.c.entry_id).limit(sa.bindparam("most"))
_NEWEST: Final = sa.select(log_opening.c.entry_id).order_by(log_opening.c.entry_id.desc()).limit(1)
_CORES_SQLITE: Final = "SELECT entry_id, core, core_salt FROM log_opening WHERE entry_id IN ({})"
Opening = Place
"""The key of the subject of an opening that has its personal part, and the entry's id."""


class Openings(Repository):
    """Distribution key: ``entry_id``, but where marked as a fan-out."""

    def append(self, entries: Sequence[LogEntry]) -> None:
        """Add entries: from the commit on each waits for the integrator, and nothing removes it from the log."""
        _INSERT.add(self._connection, entries)
        Personal(self._connection).add(entries)
        Pending(self._connection).add(entries)

    def find(self, entry_id: uuid.UUID) -> LogEntry | None:
        """Find an entry with its opening."""
        return self.find_many((entry_id,)).get(entry_id)

    def find_many(self, entry_ids: Collection[uuid.UUID], *, by: str | None = None) -> dict[uuid.UUID, LogEntry]:
        """Find the existing ones of these entries (at most some thousands); ``by`` narrows them to one actor."""
        if not entry_ids:
            return {}
        given = {"ids": list(entry_ids)}
        rows = (
            self._connection.execute(_FIND_MANY, given)
            if by is None
            else self._connection.execute(_OF_PARTICIPANT, given | {"by": by})
        )
        return {each.entry_id: each for each in self._with_personal(rows.mappings().all())}

    @fan_out
    def first(self, limit: int) -> tuple[LogEntry, ...]:
        """Read the oldest entries by id, whether integrated or not."""
        return tuple(self._with_personal(self._connection.execute(_ALL, {"most": limit}).mappings().all()))

    @fan_out
    def newest(self) -> uuid.UUID | None:
        """Find the id of the newest entry; None before the first."""
        newest: uuid.UUID | None = self._connection.execute(_NEWEST).scalar_one_or_none()
        return newest

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

    def with_cores(self, openings: Sequence[Opening]) -> list[tuple[Opening, bytes]]:
        """Pair openings with their entries' cores, which name their records."""
        found: list[tuple[Opening, bytes]] = []
        for start in range(0, len(openings), _AT_ONCE):
            part = openings[start : start + _AT_ONCE]
            cores = self.cores([entry_id.bytes for _, entry_id in part])
            found += [(each, cores[each[1].bytes][0]) for each in part]
        return found

    def erase(self, openings: Sequence[Opening], erased_by: uuid.UUID) -> None:
        """Delete the personal parts; ``erased_by`` is the entry of the erasure. Raises Overtaken if one was erased.

        An entry that waits for the integrator waits on: its leaf needs no personal part.
        """
        # First the name of the erasure: the database deletes no personal part without it.
        if _ERASE.run_rows(self._connection, [(each, erased_by) for _, each in openings]) != len(openings):
            raise Overtaken
        Personal(self._connection).delete(openings)

    def _with_personal(self, rows: "Sequence[sa.RowMapping]") -> Iterator[LogEntry]:
        found = {each[0]: each[1:] for each in Personal(self._connection).of_entries([row["entry_id"] for row in rows])}
        none: tuple[Any, ...] = (None, None, None)
        for row in rows:
            subject_key, personal, salt = found.get(row["entry_id"], none)
            yield LogEntry(**row, subject_key=subject_key, personal=personal, personal_salt=salt)
