"""Keep the ways from a person's index key to the key under which its rows are filed for ever."""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.subjects import Person, PersonKeys
from registry.store import columns
from registry.store.errors import Overtaken
from registry.store.prepared import ByKeys, Insert, Row
from registry.store.repository import Repository

# No foreign key to the subject, which lives on another node and may be forgotten while a tombstone stays. Only
# forgetting uses the index.
person_index: Final = sa.Table(
    "person_index",
    columns.metadata,
    columns.key("index_key"),
    columns.integer("epoch"),
    columns.key(),
    sa.PrimaryKeyConstraint("index_key", "epoch"),
    columns.length("index_key"),
    columns.length("subject_key"),
    sa.Index(None, "subject_key"),
    info=columns.BY_PERSON,
    sqlite_with_rowid=False,
)

_INSERT: Final = Insert(person_index, new_only=True, mostly_new=True)
LOOK: Final = ByKeys(sa.select(person_index.c.index_key, person_index.c.subject_key), person_index.c.index_key)


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


def keys_of(index_keys: Collection[bytes], rows: Iterable[Row]) -> PersonKeys:
    """Make the result of a look-up of all these keys from the rows that it found, alone or with others."""
    return PersonKeys(by_index={**dict.fromkeys(index_keys), **dict(map(tuple, rows))})
