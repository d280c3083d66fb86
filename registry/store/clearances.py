"""Keep clearances as they were issued, and the time of their revocation."""

import uuid
from typing import Final

import sqlalchemy as sa

from registry.domain.settlements import Clearance
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

clearance: Final = sa.Table(
    "clearance",
    columns.metadata,
    columns.key(),
    columns.uuid("clearance_id"),
    columns.uuid("settlement_id"),
    columns.text("jws", None),
    columns.time("issued_at"),
    columns.text("issued_to", 64),
    columns.time("revoked_at", nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "clearance_id"),
    columns.references(["subject_key", "settlement_id"], "settlement"),
    sa.Index(None, "subject_key", "settlement_id"),
    sa.Index(None, "clearance_id"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(clearance)
_FIND: Final = sa.select(clearance).where(clearance.c.clearance_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(clearance)
    .where(clearance.c.subject_key == sa.bindparam("key"))
    .order_by(clearance.c.issued_at, clearance.c.clearance_id)
)
_REVOKE: Final = Change(clearance, ("revoked_at", "log_entry_id"))


class Clearances(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Clearance) -> None:
        _INSERT.run(self._connection, [new])

    def revoke(self, revoked: Clearance) -> None:
        _REVOKE.run(self._connection, [revoked])

    @fan_out
    def find(self, clearance_id: uuid.UUID) -> Clearance | None:
        return self._one(Clearance, _FIND, id=clearance_id)

    def of_subject(self, subject_key: bytes) -> tuple[Clearance, ...]:
        """Read the subject's clearances, oldest first."""
        return self._all(Clearance, _OF_SUBJECT, key=subject_key)
