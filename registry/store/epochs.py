"""Keep the key epochs, in a reference table."""

from typing import Final

import sqlalchemy as sa

from protocol.problems import Problem, Refusal
from registry.domain.epochs import KeyEpoch
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

key_epoch: Final = sa.Table(
    "key_epoch",
    columns.metadata,
    columns.integer("epoch"),
    columns.text("suite", 32),
    columns.octets("joint_public_key"),
    columns.integer("threshold"),
    columns.integer("custodians"),
    columns.time("created_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("epoch"),
    columns.length("joint_public_key", 32),
    sa.CheckConstraint("threshold >= 1 AND threshold <= custodians", name="threshold_range"),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(key_epoch, new_only=True)
_GET: Final = sa.select(key_epoch).where(key_epoch.c.epoch == sa.bindparam("at"))
_HOLD: Final = _GET.with_for_update(key_share=True)
_ALL: Final = sa.select(key_epoch).order_by(key_epoch.c.epoch)


class Epochs(Repository):
    """Reference table: no distribution key."""

    def add(self, new: KeyEpoch) -> None:
        """Store an epoch; refuses with ALREADY_EXISTS."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def get(self, epoch: int) -> KeyEpoch | None:
        return self._one(KeyEpoch, _GET, at=epoch)

    def hold(self, epoch: int) -> KeyEpoch | None:
        """Lock the epoch so that nobody else adds a committee until the transaction ends; no referring row waits."""
        return self._one(KeyEpoch, _HOLD, at=epoch)

    def all(self) -> tuple[KeyEpoch, ...]:
        """Read all epochs, oldest first."""
        return self._all(KeyEpoch, _ALL)
