"""The incarnations that were declared, and the years whose log refuses this database."""

import datetime as dt
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.incarnations import Incarnation
from registry.store.schema import incarnation, log_refusal
from registry.store.statements import Insert

_ADD: Final = Insert(incarnation)
_NEWEST: Final = sa.select(incarnation).order_by(incarnation.c.number.desc()).limit(1)
_REFUSED: Final = sa.select(log_refusal.c.shard, log_refusal.c.code).order_by(log_refusal.c.shard)
_REFUSE: Final = Insert(log_refusal, renewing=("code",))
_ACCEPT: Final = sa.delete(log_refusal).where(log_refusal.c.shard == sa.bindparam("at_shard"))


class Incarnations:
    """Reference table and a plain one: no distribution key."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Incarnation) -> None:
        """Store an incarnation, after its entry."""
        _ADD.run(self._connection, [new])

    def newest(self) -> Incarnation | None:
        """The last restore that was declared; None where none was."""
        row = self._connection.execute(_NEWEST).mappings().one_or_none()
        return None if row is None else Incarnation(**row)

    def refused(self) -> dict[int, str]:
        """The years whose log refuses this database, each with the fault's code."""
        return {row.shard: row.code for row in self._connection.execute(_REFUSED)}

    def refuse(self, shard: int, code: str, since: dt.datetime) -> None:
        """Note that a year's log refuses this database, and why by now."""
        _REFUSE.run_rows(self._connection, [(shard, code, since)])

    def accept(self, shard: int) -> None:
        """Note that a year's log takes this database again."""
        self._connection.execute(_ACCEPT, {"at_shard": shard})
