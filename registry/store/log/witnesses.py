"""Keep the log's witnesses, and for each year the head that they are asked for and the last one they cosigned."""

import datetime as dt
import uuid
from typing import Final

import sqlalchemy as sa

from registry.domain.log import Witness, Witnessing
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository

log_witnessing: Final = sa.Table(
    "log_witnessing",
    columns.metadata,
    columns.integer("shard"),
    columns.octets("candidate", nullable=True),
    columns.time("candidate_since", nullable=True),
    columns.octets("witnessed", nullable=True),
    sa.PrimaryKeyConstraint("shard"),
    info=columns.PLAIN,
)

log_witness: Final = sa.Table(
    "log_witness",
    columns.metadata,
    columns.text("name", 255),
    columns.text("participant_id", 64),
    columns.octets("public_key", 32),
    columns.text("url", 2048, nullable=True),
    columns.time("added_at"),
    columns.time("removed_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("name"),
    columns.references(["participant_id"], "participant"),
    columns.length("public_key", 32),
    sa.Index(None, "public_key", unique=True),
    info=columns.REFERENCE,
)

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
_CHANGE: Final = Change(log_witnessing, ("candidate", "candidate_since", "witnessed"))


class Witnesses(Repository):
    """A reference table of witnesses, and a plain one with a row for each year."""

    def add(self, witness: Witness) -> bool:
        """Add a witness; returns False when its name or its key belongs, or once belonged, to another."""
        return _ADD.run(self._connection, [witness]) == 1

    def all(self) -> tuple[Witness, ...]:
        """Read all witnesses by name, the removed ones too."""
        return self._all(Witness, _ALL)

    def admitted(self) -> tuple[Witness, ...]:
        """Read the witnesses whose cosignatures count now, by name."""
        return self._all(Witness, _ADMITTED)

    def hold(self, name: str) -> Witness | None:
        """Lock the witness, removed or not, so that nobody else removes it until the transaction ends."""
        return self._one(Witness, _HOLD, of_name=name)

    def remove(self, name: str, at: dt.datetime, log_entry_id: uuid.UUID) -> bool:
        """Remove a witness for ever; returns False for an unknown or a removed one."""
        touched = self._connection.execute(_REMOVE, {"of_name": name, "at": at, "entry": log_entry_id}).rowcount
        return touched == 1

    def state(self, shard: int) -> Witnessing | None:
        """Read the candidate and the last cosigned head; None before the first candidate."""
        return self._one(Witnessing, _STATE, at_shard=shard)

    def lock(self, shard: int) -> Witnessing:
        """Lock the same until the transaction ends, begun empty where there is none."""
        _BEGIN.run(self._connection, [Witnessing(shard=shard, candidate=None, candidate_since=None, witnessed=None)])
        row = self._connection.execute(_LOCK, {"at_shard": shard}).mappings().one()
        return Witnessing(**row)

    def change(self, state: Witnessing) -> None:
        """Replace the changeable columns; it needs the lock."""
        _CHANGE.run(self._connection, [state])
