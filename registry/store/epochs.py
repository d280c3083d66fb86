"""Key epochs: a reference table."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.problems import Problem, Refusal
from registry.domain.epochs import KeyEpoch
from registry.store.schema import key_epoch
from registry.store.statements import Insert

_INSERT: Final = Insert(key_epoch, new_only=True)
_GET: Final = sa.select(key_epoch).where(key_epoch.c.epoch == sa.bindparam("at"))
_ALL: Final = sa.select(key_epoch).order_by(key_epoch.c.epoch)


class Epochs:
    """Reference table: no distribution key."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: KeyEpoch) -> None:
        """Store an epoch; refuses with ALREADY_EXISTS."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def get(self, epoch: int) -> KeyEpoch | None:
        row = self._connection.execute(_GET, {"at": epoch}).mappings().one_or_none()
        return None if row is None else KeyEpoch(**row)

    def all(self) -> tuple[KeyEpoch, ...]:
        """All epochs, oldest first."""
        return tuple(KeyEpoch(**row) for row in self._connection.execute(_ALL).mappings())
