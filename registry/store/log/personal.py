"""Keep the erasable parts of the log's entries under their subjects: added with the opening, deleted by an erasure."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.log_entries import EntryKind
from registry.domain.log import LogEntry
from registry.domain.retention import ENTRIES_ERASED_BY_AGE, READINGS_ERASED_BY_AGE
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert, Place
from registry.store.repository import Repository, fan_out


def _whole(kinds: Iterable[EntryKind]) -> str:
    """Write the condition of an index word for word as the query has it: SQLite takes a partial index only then."""
    return "kind IN ({}) AND personal IS NOT NULL".format(", ".join(f"'{kind}'" for kind in kinds))


_BY_AGE: Final = _whole(ENTRIES_ERASED_BY_AGE)
_READINGS: Final = _whole(READINGS_ERASED_BY_AGE)

# The part of a reading about no subject lies under a key of the reader (registry/domain/readings.py).
# A row tells also that an entry is about a subject: the subject's rows find their entries here, on their own node. So
# an entry without a personal part has one too. There are no months: a row finds its entry by one look at one index.
log_personal: Final = sa.Table(
    "log_personal",
    columns.metadata,
    columns.key(),
    columns.uuid("entry_id"),
    columns.text("kind", 48),
    columns.octets("personal", nullable=True),
    columns.octets("personal_salt", nullable=True),
    sa.PrimaryKeyConstraint("subject_key", "entry_id"),
    columns.length("subject_key"),
    sa.CheckConstraint("(personal IS NULL) = (personal_salt IS NULL)", name="personal_whole"),
    sa.Index(None, "entry_id"),
    columns.partial("ix_log_personal_by_age", "entry_id", where=_BY_AGE),
    columns.partial("ix_log_personal_readings", "entry_id", where=_READINGS),
    info=columns.BY_SUBJECT,
)

_AT_ONCE: Final = 5_000
_BY_THEIR_AGE: Final = (
    EntryKind.INQUIRY,
    EntryKind.INQUIRY_RECHECKED,
    EntryKind.ACTIVATION,
    EntryKind.DEPOSIT_RETURNED,
)
"""A forgetting leaves them: they go by their age, whether their subject is known or not."""
_INSERT: Final = Insert(log_personal)
_DELETE: Final = Change(log_personal)
_OF_ENTRIES: Final = sa.select(log_personal).where(log_personal.c.entry_id.in_(sa.bindparam("ids", expanding=True)))
_OF_SUBJECTS: Final = ByKeys(
    sa.select(log_personal.c.subject_key, log_personal.c.entry_id).where(
        log_personal.c.personal.is_not(None),
        log_personal.c.kind.not_in(sa.literal_column(f"'{each}'") for each in _BY_THEIR_AGE),
    ),
    log_personal.c.subject_key,
    order=(log_personal.c.subject_key, log_personal.c.entry_id),
)
_OF_KIND: Final = (
    sa.select(log_personal.c.entry_id)
    .where(
        log_personal.c.subject_key == sa.bindparam("key"),
        log_personal.c.kind == sa.bindparam("kind"),
        log_personal.c.personal.is_not(None),
    )
    .order_by(log_personal.c.entry_id)
)
_OLD: Final = tuple(
    sa.select(log_personal.c.subject_key, log_personal.c.entry_id)
    .where(sa.text(condition), log_personal.c.entry_id < sa.bindparam("before"))
    .order_by(log_personal.c.entry_id)
    .limit(sa.bindparam("most"))
    for condition in (_BY_AGE, _READINGS)
)
"""One statement for each index."""
_EMPTY: Final = sa.delete(log_personal).where(
    log_personal.c.subject_key == sa.bindparam("at_key"), log_personal.c.personal.is_(None)
)


class Personal(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, entries: Sequence[LogEntry]) -> None:
        """Add a row for each entry that is about a subject; the database refuses a personal part of nobody."""
        about = [each for each in entries if each.subject_key is not None or each.personal is not None]
        _INSERT.add(self._connection, about)

    @fan_out
    def of_entries(self, entry_ids: Sequence[uuid.UUID]) -> Iterator[tuple[uuid.UUID, bytes, bytes, bytes]]:
        """Read (entry, subject key, personal part, salt) of those entries that have a row."""
        for start in range(0, len(entry_ids), _AT_ONCE):
            given = {"ids": list(entry_ids[start : start + _AT_ONCE])}
            for row in self._connection.execute(_OF_ENTRIES, given):
                yield row.entry_id, row.subject_key, row.personal, row.personal_salt

    def of_subjects(self, keys: Collection[bytes]) -> tuple[Place, ...]:
        """Find the personal parts to erase with forgotten subjects, in order. It needs the subjects' locks.

        Inquiries are erased by their age.
        """
        return tuple((key, entry_id) for key, entry_id in _OF_SUBJECTS.rows(self._connection, keys))

    def of_kind(self, subject_key: bytes, kind: EntryKind) -> tuple[uuid.UUID, ...]:
        """Find the subject's entries of a kind whose personal part is there still, oldest first."""
        return tuple(self._connection.execute(_OF_KIND, {"key": subject_key, "kind": kind}).scalars())

    @fan_out
    def old(self, before: uuid.UUID, limit: int) -> tuple[Place, ...]:
        """Find the personal parts to erase by age, of ids before one: people's, then readings', each oldest first."""
        found: list[Place] = []
        for statement in _OLD:
            rows = self._connection.execute(statement, {"before": before, "most": limit - len(found)})
            found += [(key, entry_id) for key, entry_id in rows]
        return tuple(found)

    def delete(self, places: Sequence[Place]) -> None:
        _DELETE.run_rows(self._connection, places)

    def forget(self, keys: Collection[bytes]) -> None:
        """Delete the rows of these subjects that never had a personal part."""
        if keys:
            self._connection.execute(_EMPTY, [{"at_key": each} for each in sorted(keys)])
