"""Keep the ways from a person's index key to the key under which its rows are filed for ever."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.subjects import Person, PersonKeys
from registry.store import columns
from registry.store.errors import Overtaken
from registry.store.prepared import ByKeys, Insert, Row
from registry.store.repository import Repository, fan_out

# No foreign key to the subject, which lives on another node and may be forgotten while a tombstone stays. Only
# forgetting uses the indexes. ``ends_on`` is for a forgotten person about whom there were inquiries: the day to look
# whether some are left.
person_index: Final = sa.Table(
    "person_index",
    columns.metadata,
    columns.key("index_key"),
    columns.integer("epoch"),
    columns.key(),
    columns.day("ends_on", nullable=True),
    sa.PrimaryKeyConstraint("index_key", "epoch"),
    columns.length("index_key"),
    columns.length("subject_key"),
    sa.Index(None, "subject_key"),
    columns.partial(None, "ends_on", where="ends_on IS NOT NULL"),
    info=columns.BY_PERSON,
    sqlite_with_rowid=False,
)

_INSERT: Final = Insert(person_index, new_only=True, mostly_new=True)
LOOK: Final = ByKeys(sa.select(person_index.c.index_key, person_index.c.subject_key), person_index.c.index_key)
_STAYS: Final = (
    sa.update(person_index)
    .where(person_index.c.index_key.in_(sa.bindparam("keys", expanding=True)), person_index.c.ends_on.is_not(None))
    .values(ends_on=None)
)
_ENDING: Final = (
    sa.select(person_index.c.subject_key)
    .where(person_index.c.ends_on <= sa.bindparam("day"))
    .order_by(person_index.c.ends_on)
    .limit(sa.bindparam("most"))
)
_WAYS_TO: Final = ByKeys(sa.select(person_index.c.index_key), person_index.c.subject_key)
_END_ON: Final = (
    sa.update(person_index)
    .where(person_index.c.index_key.in_(sa.bindparam("keys", expanding=True)))
    .values(ends_on=sa.bindparam("day"))
)
_END: Final = sa.delete(person_index).where(person_index.c.subject_key == sa.bindparam("at_key"))
_END_DUE: Final = _END.where(person_index.c.ends_on <= sa.bindparam("day"))


class People(Repository):
    """Distribution key: ``index_key``."""

    def look(self, index_keys: Collection[bytes]) -> PersonKeys:
        """Look up the keys under which these people are filed."""
        return keys_of(index_keys, LOOK.rows(self._connection, index_keys))

    def ensure(self, people: Sequence[Person]) -> dict[bytes, bytes]:
        """Add the missing rows, in key order; returns the key of each person by its index key.

        Who has a row keeps its key. One that another transaction is adding is waited for. Raises Overtaken when such a
        row is forgotten in this very moment: the work runs again.
        """
        keys = {each.index_key: each.subject_key for each in people}
        if _INSERT.run(self._connection, sorted(people, key=attrgetter("index_key"))) != len(people):
            keys = {row[0]: row[1] for row in LOOK.rows(self._connection, keys)}
        if len(keys) != len(people):
            raise Overtaken
        return keys

    def stay(self, index_keys: Collection[bytes]) -> None:
        """Let ways stay for ever again: the people are listed once more."""
        self._connection.execute(_STAYS, {"keys": sorted(index_keys)})

    @fan_out
    def ending(self, on: dt.date, limit: int) -> frozenset[bytes]:
        """Find the keys of forgotten people whose ways are to be looked at by ``on``."""
        return frozenset(self._connection.execute(_ENDING, {"day": on, "most": limit}).scalars())

    @fan_out
    def end(self, keys: Collection[bytes], *, due_on: dt.date | None = None) -> None:
        """Delete the ways to forgotten people; with ``due_on`` only those that still end by that day."""
        given: dict[str, object] = {} if due_on is None else {"day": due_on}
        if keys:
            statement = _END if due_on is None else _END_DUE
            self._connection.execute(statement, [{"at_key": each, **given} for each in sorted(keys)])

    @fan_out
    def end_on(self, keys: Collection[bytes], day: dt.date) -> None:
        """Note the day for looking at the ways to forgotten people."""
        ways = sorted(row[0] for row in _WAYS_TO.rows(self._connection, keys))
        if ways:
            self._connection.execute(_END_ON, {"keys": ways, "day": day})


def keys_of(index_keys: Collection[bytes], rows: Iterable[Row]) -> PersonKeys:
    """Make the result of a look-up of all these keys from the rows that it found, alone or with others."""
    return PersonKeys(by_index={**dict.fromkeys(index_keys), **dict(map(tuple, rows))})
