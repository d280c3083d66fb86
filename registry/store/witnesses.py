"""Who may cosign the log's heads, or may no more, and for each year's tree what is asked and what a quorum gave."""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.log import Witness, Witnessing
from registry.store.schema import log_witness, log_witnessing
from registry.store.statements import Insert

_ADD: Final = Insert(log_witness, new_only=True)
_ALL: Final = sa.select(log_witness).order_by(log_witness.c.name)
_ADMITTED: Final = _ALL.where(log_witness.c.removed_at.is_(None))
_HOLD: Final = sa.select(log_witness).where(log_witness.c.name == sa.bindparam("of_name")).with_for_update()
_REMOVE: Final = (
    sa.update(log_witness)
    .where(log_witness.c.name == sa.bindparam("of_name"), log_witness.c.removed_at.is_(None))
    .values(removed_at=sa.bindparam("at"), log_entry_id=sa.bindparam("entry"))
)
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
        """Add a witness; False when its name or its key is one that is there already, or was once."""
        return _ADD.run(self._connection, [witness]) == 1

    def all(self) -> tuple[Witness, ...]:
        """All witnesses by name, the removed ones too."""
        return tuple(Witness(**row) for row in self._connection.execute(_ALL).mappings())

    def admitted(self) -> tuple[Witness, ...]:
        """Those whose cosignatures count now, by name."""
        return tuple(Witness(**row) for row in self._connection.execute(_ADMITTED).mappings())

    def hold(self, name: str) -> Witness | None:
        """The witness, removed or not, which nobody else removes until the transaction ends."""
        row = self._connection.execute(_HOLD, {"of_name": name}).mappings().one_or_none()
        return None if row is None else Witness(**row)

    def remove(self, name: str, at: dt.datetime, log_entry_id: uuid.UUID) -> bool:
        """Remove a witness for ever; False when there is no such one or it is removed already."""
        touched = self._connection.execute(_REMOVE, {"of_name": name, "at": at, "entry": log_entry_id}).rowcount
        return touched == 1

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
