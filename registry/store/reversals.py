"""Keep the reversals of settlements, proposed and confirmed."""

import uuid
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from protocol.codes import ReversalReason
from registry.domain.reversals import Reversal
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert, Place
from registry.store.repository import Repository, fan_out

reversal: Final = sa.Table(
    "reversal",
    columns.metadata,
    columns.key(),
    columns.uuid("reversal_id"),
    columns.uuid("settlement_id"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.coded("reason", ReversalReason, 24),
    columns.octets("evidence_digest"),
    columns.time("proposed_at"),
    columns.text("proposed_key_id", 64),
    columns.time("confirmed_at", nullable=True),
    columns.text("confirmed_key_id", 64, nullable=True),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "reversal_id"),
    columns.references(["subject_key", "settlement_id"], "settlement"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("evidence_digest", 32),
    sa.Index(None, "subject_key", "settlement_id"),
    sa.Index(None, "reversal_id"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(reversal)
_FIND: Final = sa.select(reversal).where(reversal.c.reversal_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(reversal)
    .where(reversal.c.subject_key == sa.bindparam("key"))
    .order_by(reversal.c.proposed_at, reversal.c.reversal_id)
)
_CONFIRMED_OF: Final = sa.select(reversal).where(
    reversal.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    reversal.c.settlement_id.in_(sa.bindparam("ids", expanding=True)),
    reversal.c.confirmed_at.is_not(None),
)
_CONFIRM: Final = Change(reversal, ("confirmed_at", "confirmed_key_id", "log_entry_id"))


class Reversals(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Reversal) -> None:
        _INSERT.run(self._connection, [new])

    def confirm(self, confirmed: Reversal) -> None:
        _CONFIRM.run(self._connection, [confirmed])

    def of_subject(self, subject_key: bytes) -> tuple[Reversal, ...]:
        """Read the reversals of all the subject's settlements, oldest first."""
        return self._all(Reversal, _OF_SUBJECT, key=subject_key)

    def confirmed_of(self, settlements: Collection[Place]) -> dict[uuid.UUID, Reversal]:
        """Find the confirmed reversals of settlements named by subject and id, by settlement: one at most."""
        return {each.settlement_id: each for each in self._at(Reversal, _CONFIRMED_OF, settlements)}

    @fan_out
    def find(self, reversal_id: uuid.UUID) -> Reversal | None:
        return self._one(Reversal, _FIND, id=reversal_id)
