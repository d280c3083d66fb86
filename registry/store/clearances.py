"""Clearances as they were issued."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.settlement import Clearance
from registry.store.schema import clearance
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(clearance)
_FIND: Final = sa.select(clearance).where(clearance.c.clearance_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(clearance).where(clearance.c.subject_key == sa.bindparam("key")).order_by(clearance.c.clearance_id)
)


class Clearances:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Clearance) -> None:
        _INSERT.run(self._connection, [new])

    @fan_out
    def find(self, clearance_id: uuid.UUID) -> Clearance | None:
        row = self._connection.execute(_FIND, {"id": clearance_id}).mappings().one_or_none()
        return None if row is None else Clearance(**row)

    def of_subject(self, subject_key: bytes) -> tuple[Clearance, ...]:
        """The subject's clearances, oldest first."""
        return tuple(Clearance(**row) for row in self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings())
