"""Clearances as they were issued, and whether they were revoked."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.settlements import Clearance
from registry.store.schema import clearance
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(clearance)
_FIND: Final = sa.select(clearance).where(clearance.c.clearance_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(clearance)
    .where(clearance.c.subject_key == sa.bindparam("key"))
    .order_by(clearance.c.issued_at, clearance.c.clearance_id)
)

_REVOKE: Final = (
    sa.update(clearance)
    .where(clearance.c.subject_key == sa.bindparam("at_key"), clearance.c.clearance_id == sa.bindparam("at_id"))
    .values(revoked_at=sa.bindparam("revoked_at"), log_entry_id=sa.bindparam("log_entry_id"))
)


class Clearances:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Clearance) -> None:
        _INSERT.run(self._connection, [new])

    def revoke(self, revoked: Clearance) -> None:
        values = {"revoked_at": revoked.revoked_at, "log_entry_id": revoked.log_entry_id}
        self._connection.execute(_REVOKE, {"at_key": revoked.subject_key, "at_id": revoked.clearance_id} | values)

    @fan_out
    def find(self, clearance_id: uuid.UUID) -> Clearance | None:
        row = self._connection.execute(_FIND, {"id": clearance_id}).mappings().one_or_none()
        return None if row is None else Clearance(**row)

    def of_subject(self, subject_key: bytes) -> tuple[Clearance, ...]:
        """The subject's clearances, oldest first."""
        return tuple(Clearance(**row) for row in self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings())
