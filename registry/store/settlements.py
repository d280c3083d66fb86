"""Settlements as the creditors signed them."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.settlement import Settlement
from registry.store.schema import settlement
from registry.store.statements import Insert

_INSERT: Final = Insert(settlement)
_OF_RECORD: Final = (
    sa.select(settlement)
    .where(settlement.c.subject_key == sa.bindparam("key"), settlement.c.record_id == sa.bindparam("id"))
    .order_by(settlement.c.settlement_id)
)


class Settlements:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Settlement) -> None:
        _INSERT.run(self._connection, [new])

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Settlement, ...]:
        """The record's settlements, oldest first."""
        rows = self._connection.execute(_OF_RECORD, {"key": subject_key, "id": record_id}).mappings()
        return tuple(Settlement(**row) for row in rows)
