"""Keep settlements as the creditors signed them."""

import uuid
from typing import Final

import sqlalchemy as sa

from protocol.codes import SettlementKind
from registry.domain.settlements import Settlement
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

settlement: Final = sa.Table(
    "settlement",
    columns.metadata,
    columns.key(),
    columns.uuid("settlement_id"),
    columns.uuid("record_id"),
    columns.text("creditor_id", 64),
    columns.coded("kind", SettlementKind, 16),
    columns.fen("amount_fen"),
    columns.time("settled_at"),
    columns.time("received_at"),
    columns.text("statement", None),
    columns.fen("waived_fen"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "settlement_id"),
    columns.references(["subject_key", "record_id"], "record"),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.at_least("amount_fen", 0),
    sa.Index(None, "subject_key", "record_id"),
    columns.at_least("waived_fen", 0),
    sa.Index(None, "settlement_id"),
    sa.Index(None, "creditor_id", "settlement_id"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(settlement)
_FIND: Final = sa.select(settlement).where(settlement.c.settlement_id == sa.bindparam("id"))
_PAGE: Final = (
    sa.select(settlement)
    .where(settlement.c.settlement_id > sa.bindparam("after", type_=sa.Uuid()))
    .order_by(settlement.c.settlement_id)
    .limit(sa.bindparam("most"))
)
_OF_SUBJECT: Final = (
    sa.select(settlement)
    .where(settlement.c.subject_key == sa.bindparam("key"))
    .order_by(settlement.c.received_at, settlement.c.settlement_id)
)
_OF_RECORD: Final = (
    sa.select(settlement)
    .where(settlement.c.subject_key == sa.bindparam("key"), settlement.c.record_id == sa.bindparam("id"))
    .order_by(settlement.c.received_at, settlement.c.settlement_id)
)


class Settlements(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Settlement) -> None:
        _INSERT.run(self._connection, [new])

    @fan_out
    def find(self, settlement_id: uuid.UUID) -> Settlement | None:
        return self._one(Settlement, _FIND, id=settlement_id)

    def of_record(self, subject_key: bytes, record_id: uuid.UUID) -> tuple[Settlement, ...]:
        """Read the record's settlements, oldest first."""
        return self._all(Settlement, _OF_RECORD, key=subject_key, id=record_id)

    def of_subject(self, subject_key: bytes) -> tuple[Settlement, ...]:
        """Read the settlements of all the subject's records, oldest first."""
        return self._all(Settlement, _OF_SUBJECT, key=subject_key)

    @fan_out
    def page(self, creditor_id: str | None, after: uuid.UUID, limit: int) -> tuple[Settlement, ...]:
        """Read settlements behind an id, by id: everybody's, or those of one creditor."""
        chosen = _PAGE if creditor_id is None else _PAGE.where(settlement.c.creditor_id == creditor_id)
        return self._all(Settlement, chosen, after=after, most=limit)
