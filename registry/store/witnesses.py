"""Who may cosign the log's heads, and for each year's tree what they are asked for and what a quorum gave."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.log import Witness, Witnessing
from registry.store.schema import log_witness, log_witnessing
from registry.store.statements import Insert

_ADD: Final = Insert(log_witness, new_only=True)
_ALL: Final = sa.select(log_witness).order_by(log_witness.c.name)
_BEGIN: Final = Insert(log_witnessing, new_only=True)
_STATE: Final = sa.select(log_witnessing).where(log_witnessing.c.shard == sa.bindparam("at_shard"))
_LOCK: Final = _STATE.with_for_update()
_CHANGING: Final = ("candidate", "candidate_since", "witnessed")
_CHANGE: Final = (
    sa.update(log_witnessing)
    .where(log_witnessing.c.shard == sa.bindparam("at_shard"))
    .values({name: sa.bindparam(name) for name in _CHANGING})
)


class Witnesses:
    """A reference table of witnesses, and a plain one with a row for each year."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, witness: Witness) -> bool:
        """Add a witness; False when its name or its key is one that is there already."""
        return _ADD.run(self._connection, [witness]) == 1

    def all(self) -> tuple[Witness, ...]:
        """All witnesses by name."""
        return tuple(Witness(**row) for row in self._connection.execute(_ALL).mappings())

    def state(self, shard: int) -> Witnessing | None:
        """What is asked for and what was given; None before the first candidate."""
        row = self._connection.execute(_STATE, {"at_shard": shard}).mappings().one_or_none()
        return None if row is None else Witnessing(**row)

    def lock(self, shard: int) -> Witnessing:
        """The same, begun as nothing where there is none, and held until the transaction ends."""
        _BEGIN.run(self._connection, [Witnessing(shard=shard, candidate=None, candidate_since=None, witnessed=None)])
        row = self._connection.execute(_LOCK, {"at_shard": shard}).mappings().one()
        return Witnessing(**row)

    def change(self, state: Witnessing) -> None:
        """Replace what may change; needs the lock."""
        values = {name: getattr(state, name) for name in _CHANGING}
        self._connection.execute(_CHANGE, {"at_shard": state.shard} | values)
