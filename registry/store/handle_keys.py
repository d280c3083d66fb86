"""Keep the keys of decision handles, in a reference table."""

from typing import Final

import sqlalchemy as sa

from registry.domain.handles import HandleKey
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

handle_key: Final = sa.Table(
    "handle_key",
    columns.metadata,
    columns.integer("quarter"),
    columns.integer("kek_epoch"),
    columns.octets("wrapped_key"),
    columns.time("created_at"),
    sa.PrimaryKeyConstraint("quarter"),
    columns.length("wrapped_key", 40),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(handle_key, new_only=True)
_GET: Final = sa.select(handle_key).where(handle_key.c.quarter == sa.bindparam("at"))
_FORGET: Final = sa.delete(handle_key).where(handle_key.c.quarter < sa.bindparam("first"))


class HandleKeys(Repository):
    """Reference table: no distribution key."""

    def ensure(self, new: HandleKey) -> None:
        """Keep the key of a quarter that has none yet."""
        _INSERT.run(self._connection, [new])

    def find(self, quarter: int) -> HandleKey | None:
        """Find the key of a quarter."""
        return self._one(HandleKey, _GET, at=quarter)

    def forget(self, first_kept: int) -> int:
        """Delete the keys of quarters before one; returns their number."""
        return self._connection.execute(_FORGET, {"first": first_kept}).rowcount
