"""Settlements as the creditors signed them."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.settlements import Settlement
from registry.store.schema import settlement
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(settlement)
_FIND: Final = sa.select(settlement).where(settlement.c.settlement_id == sa.bindparam("id"))
_OF_RECORD: Final = (
    sa.select(settlement)
    .where(settlement.c.subject_key == sa.bindparam("key"), settlement.c.record_id == sa.bindparam("id"))
    .order_by(settlement.c.received_at, settlement.c.settlement_id)
)


class Settlements:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Settlement) -> None:
        _INSERT.run(self._connection, [new])

    @fan_out
    def find(self, settlement_id: uuid.UUID) -> Settlement | None:
        row = self._connection.execute(_FIND, {"id": settlement_id}).mappings().one_or_none()
        return None if row is None else Settlement(**row)

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Settlement, ...]:
        """The record's settlements, oldest first."""
        rows = self._connection.execute(_OF_RECORD, {"key": subject_key, "id": record_id}).mappings()
        return tuple(Settlement(**row) for row in rows)
