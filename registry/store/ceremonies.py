"""Keep the committees that ceremonies formed, in a reference table."""

from typing import Final

import sqlalchemy as sa

from protocol.messages.ceremonies import MAX_CEREMONIES, CeremonyKind
from protocol.problems import Problem, Refusal
from registry.domain.ceremonies import KeptCommittee
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

ceremony: Final = sa.Table(
    "ceremony",
    columns.metadata,
    columns.integer("epoch"),
    columns.integer("committee"),
    columns.octets("ceremony"),
    columns.coded("kind", CeremonyKind, 16),
    columns.integer("threshold"),
    columns.octets("joint_public_key"),
    columns.text("document", None),
    columns.octets("committee_digest"),
    columns.octets("canary"),
    columns.text("transcript", None),
    columns.octets("transcript_digest"),
    columns.integer("keep_days"),
    columns.time("formed_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("epoch", "committee"),
    columns.references(["epoch"], "key_epoch"),
    columns.at_least("committee", 1),
    columns.at_least("threshold", 2),
    columns.at_least("keep_days", 0),
    columns.length("ceremony", 32),
    columns.length("joint_public_key", 32),
    columns.length("committee_digest", 32),
    columns.length("canary", 32),
    columns.length("transcript_digest", 32),
    info=columns.REFERENCE,
)

_INSERT: Final = Insert(ceremony, new_only=True)
_OF_EPOCH: Final = sa.select(ceremony).where(ceremony.c.epoch == sa.bindparam("of"))
_FIND: Final = _OF_EPOCH.where(ceremony.c.committee == sa.bindparam("number"))
_LAST: Final = _OF_EPOCH.order_by(ceremony.c.committee.desc()).limit(1)
_OLDEST_FIRST: Final = _OF_EPOCH.order_by(ceremony.c.committee)
_NEWEST: Final = (
    sa.select(ceremony).order_by(ceremony.c.epoch.desc(), ceremony.c.committee.desc()).limit(MAX_CEREMONIES)
)


class Ceremonies(Repository):
    """Reference table: no distribution key."""

    def add(self, new: KeptCommittee) -> None:
        """Store a committee; refuses with ALREADY_EXISTS where its epoch has one of that number."""
        if _INSERT.run(self._connection, [new]) == 0:
            raise Refusal(Problem.ALREADY_EXISTS)

    def find(self, epoch: int, committee: int) -> KeptCommittee | None:
        return self._one(KeptCommittee, _FIND, of=epoch, number=committee)

    def last(self, epoch: int) -> KeptCommittee | None:
        """Find the newest committee of an epoch; None for one whose key was dealt and never shared anew."""
        return self._one(KeptCommittee, _LAST, of=epoch)

    def of_epoch(self, epoch: int) -> tuple[KeptCommittee, ...]:
        """Read all committees of an epoch, oldest first."""
        return self._all(KeptCommittee, _OLDEST_FIRST, of=epoch)

    def newest(self) -> tuple[KeptCommittee, ...]:
        """Read the last thousand committees of all epochs, oldest first."""
        return self._all(KeptCommittee, _NEWEST)[::-1]
