"""Settlements as the creditors signed them."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from protocol.codes import SettlementKind
from registry.domain.settlement import Settlement
from registry.store.schema import settlement

_INSERT: Final = sa.insert(settlement)
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
        self._connection.execute(
            _INSERT,
            {
                "subject_key": new.subject_key,
                "settlement_id": new.settlement_id,
                "record_id": new.record_id,
                "creditor_id": new.creditor_id,
                "kind": new.kind.value,
                "amount_fen": new.amount_fen,
                "settled_at": new.settled_at,
                "received_at": new.received_at,
                "statement": new.statement,
                "log_entry_id": new.log_entry_id,
            },
        )

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Settlement, ...]:
        """The record's settlements, oldest first."""
        rows = self._connection.execute(_OF_RECORD, {"key": subject_key, "id": record_id}).mappings()
        return tuple(Settlement(**{**row, "kind": SettlementKind(row["kind"])}) for row in rows)
