"""Keep the incarnations that restores declared, and the years whose log refuses this database."""

import datetime as dt
from typing import Final

import sqlalchemy as sa

from registry.domain.incarnations import Incarnation
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

# The first incarnation has no row: nobody restored anything to begin it.
incarnation: Final = sa.Table(
    "incarnation",
    columns.metadata,
    columns.integer("number"),
    columns.time("began_at"),
    columns.octets("heads"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("number"),
    columns.at_least("number", 2),
    info=columns.REFERENCE,
)

log_refusal: Final = sa.Table(
    "log_refusal",
    columns.metadata,
    columns.integer("shard"),
    columns.text("code", 48),
    columns.time("since"),
    sa.PrimaryKeyConstraint("shard"),
    info=columns.PLAIN,
)

_ADD: Final = Insert(incarnation)
_NEWEST: Final = sa.select(incarnation).order_by(incarnation.c.number.desc()).limit(1)
_REFUSED: Final = sa.select(log_refusal.c.shard, log_refusal.c.code).order_by(log_refusal.c.shard)
_REFUSE: Final = Insert(log_refusal, renewing=("code",))
_ACCEPT: Final = sa.delete(log_refusal).where(log_refusal.c.shard == sa.bindparam("at_shard"))


class Restores(Repository):
    """Reference table and a plain one: no distribution key."""

    def add(self, new: Incarnation) -> None:
        """Store an incarnation, after its entry."""
        _ADD.run(self._connection, [new])

    def newest(self) -> Incarnation | None:
        """Find the last declared restore; None where none was."""
        return self._one(Incarnation, _NEWEST)

    def refused(self) -> dict[int, str]:
        """Read the years whose log refuses this database, each with the fault's code."""
        return {row.shard: row.code for row in self._connection.execute(_REFUSED)}

    def refuse(self, shard: int, code: str, since: dt.datetime) -> None:
        """Note that a year's log refuses this database, with the present fault's code."""
        _REFUSE.run_rows(self._connection, [(shard, code, since)])

    def accept(self, shard: int) -> None:
        """Note that a year's log takes this database again."""
        self._connection.execute(_ACCEPT, {"at_shard": shard})
