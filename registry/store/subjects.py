"""Keep subjects; a subject's row is made once, then locked while anything of the subject changes."""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.subjects import SealedToken, Subject
from registry.store import columns
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository

subject: Final = sa.Table(
    "subject",
    columns.metadata,
    columns.key(),
    *columns.sealed(),
    columns.time("created_at"),
    columns.day("forget_on", nullable=True),
    sa.PrimaryKeyConstraint("subject_key"),
    columns.length("subject_key"),
    columns.partial(None, "forget_on", where="forget_on IS NOT NULL"),
    info=columns.BY_SUBJECT,
)


_INSERT: Final = Insert(subject, columns.SEALED, new_only=True, mostly_new=True)
KNOWN: Final = ByKeys(sa.select(subject.c.subject_key), subject.c.subject_key)
# The order of the locks is the order of the keys, so two writers cannot wait for each other. NO KEY: foreign keys
# that point here do not wait. A distributed engine takes this lock one shard at a time.
_LOCK: Final = ByKeys(
    sa.select(subject.c.subject_key).with_for_update(key_share=True),
    subject.c.subject_key,
    order=(subject.c.subject_key,),
)
_LOCK_FREE: Final = ByKeys(
    sa.select(subject.c.subject_key).with_for_update(key_share=True, skip_locked=True),
    subject.c.subject_key,
    order=(subject.c.subject_key,),
)
_GET: Final = sa.select(subject).where(subject.c.subject_key == sa.bindparam("key"))


class Subjects(Repository):
    """Distribution key: ``subject_key``."""

    def known(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Find the keys that have a row: their tokens need no second seal."""
        return frozenset(row[0] for row in KNOWN.rows(self._connection, keys))

    def ensure(self, subjects: Sequence[Subject]) -> None:
        """Make the missing rows, in key order; existing ones keep their seal."""
        _INSERT.run(self._connection, sorted(subjects, key=attrgetter("subject_key")))

    def lock(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Lock the existing rows of the keys until the transaction ends; returns their keys.

        SQLite's writer has locked the whole file already, so there all keys are returned unasked.
        """
        if self._is_sqlite:
            return frozenset(keys)
        return frozenset(row[0] for row in _LOCK.rows(self._connection, keys))

    def hold(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Do as ``lock``; returns the keys that have a row on SQLite as well."""
        return self.known(keys) if self._is_sqlite else self.lock(keys)

    def lock_free(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Do as ``lock`` with the rows that no other transaction holds, waiting for none."""
        if self._is_sqlite:
            return frozenset(keys)
        return frozenset(row[0] for row in _LOCK_FREE.rows(self._connection, keys))

    def get(self, subject_key: bytes) -> Subject | None:
        row = self._connection.execute(_GET, {"key": subject_key}).mappings().one_or_none()
        if row is None:
            return None
        sealed = SealedToken(**{name: row[name] for name in columns.SEALED})
        return Subject(
            subject_key=row["subject_key"], sealed=sealed, created_at=row["created_at"], forget_on=row["forget_on"]
        )
