"""Keep transfers of debts, with their seller."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.codes import TransferGround, TransferOutcome
from protocol.states import TransferState
from registry.domain.transfers import Transfer, TransferItem
from registry.store import columns
from registry.store.changes import Change
from registry.store.pages import ids_behind
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

IS_WAITING: Final = "state IN ('PROPOSED', 'OFFERED')"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

transfer: Final = sa.Table(
    "transfer",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.uuid("transfer_id"),
    columns.text("buyer_id", 64),
    columns.coded("ground", TransferGround, 16),
    columns.coded("state", TransferState, 16),
    columns.time("proposed_at"),
    columns.text("proposed_key_id", 64),
    columns.time("confirmed_at", nullable=True),
    columns.text("confirmed_key_id", 64, nullable=True),
    columns.time("ended_at", nullable=True),
    columns.text("ended_key_id", 64, nullable=True),
    columns.day("lapses_on"),
    columns.day("undo_ends_on", nullable=True),
    columns.text("undo_by", 64, nullable=True),
    columns.time("undo_at", nullable=True),
    columns.text("undo_key_id", 64, nullable=True),
    columns.time("undone_at", nullable=True),
    columns.text("undone_key_id", 64, nullable=True),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("participant_id", "transfer_id"),
    columns.references(["participant_id"], "participant"),
    columns.references(["buyer_id"], "participant", ["participant_id"]),
    sa.Index(None, "transfer_id"),
    columns.partial("ix_transfer_lapses", "lapses_on", where=IS_WAITING),
    info=columns.BY_PARTICIPANT,
)

# No foreign key to the records: they live with their debtors.
transfer_item: Final = sa.Table(
    "transfer_item",
    columns.metadata,
    columns.text("participant_id", 64),
    columns.uuid("transfer_id"),
    columns.uuid("record_id"),
    columns.coded("outcome", TransferOutcome, 16, nullable=True),
    columns.uuid("new_record_id", nullable=True),
    columns.coded("undo_outcome", TransferOutcome, 16, nullable=True),
    columns.uuid("undo_record_id", nullable=True),
    sa.PrimaryKeyConstraint("participant_id", "transfer_id", "record_id"),
    columns.references(["participant_id", "transfer_id"], "transfer"),
    info=columns.BY_PARTICIPANT,
)

_INSERT: Final = Insert(transfer)
_INSERT_ITEM: Final = Insert(transfer_item)
_FIND: Final = sa.select(transfer).where(transfer.c.transfer_id == sa.bindparam("id"))
_AT: Final = (transfer.c.participant_id == sa.bindparam("at_seller"), transfer.c.transfer_id == sa.bindparam("at_id"))
_LOCK: Final = sa.select(transfer).where(*_AT).with_for_update()
_FIXED: Final = frozenset(
    {
        *("participant_id", "transfer_id", "buyer_id", "ground"),
        *("proposed_at", "proposed_key_id", "rules_version"),
    }
)
_CHANGE: Final = Change(transfer, [each.name for each in transfer.c if each.name not in _FIXED])
_ITEMS: Final = (
    sa.select(transfer_item)
    .where(
        transfer_item.c.participant_id == sa.bindparam("at_seller"),
        transfer_item.c.transfer_id == sa.bindparam("at_id"),
    )
    .order_by(transfer_item.c.record_id)
)
_CHANGE_ITEM: Final = Change(transfer_item, ("outcome", "new_record_id", "undo_outcome", "undo_record_id"))
# The states are literals, or the planner would not use the partial index.
_DUE: Final = (
    sa.select(transfer)
    .where(sa.text(IS_WAITING), transfer.c.lapses_on <= sa.bindparam("day"))
    .order_by(transfer.c.lapses_on)
    .limit(sa.bindparam("most"))
)


class Transfers(Repository):
    """Distribution key: ``participant_id``, the seller's, but where marked as a fan-out."""

    def add(self, new: Transfer, items: Sequence[TransferItem]) -> None:
        _INSERT.run(self._connection, [new])
        _INSERT_ITEM.run(self._connection, items)

    def lock(self, offered: Transfer) -> Transfer:
        """Lock the transfer until the transaction ends, and read it as it is now."""
        row = self._connection.execute(_LOCK, {"at_seller": offered.participant_id, "at_id": offered.transfer_id})
        return Transfer(**row.mappings().one())

    def update(self, changed: Transfer) -> None:
        """Write the changeable columns of a transfer; the caller has its lock."""
        _CHANGE.run(self._connection, [changed])

    def items(self, of: Transfer) -> tuple[TransferItem, ...]:
        """Read the transfer's records, by id."""
        return self._all(TransferItem, _ITEMS, at_seller=of.participant_id, at_id=of.transfer_id)

    def update_items(self, changed: Sequence[TransferItem]) -> None:
        """Write the outcomes of the records."""
        _CHANGE_ITEM.run(self._connection, changed)

    @fan_out
    def find(self, transfer_id: uuid.UUID) -> Transfer | None:
        """Find a transfer of any seller by its id."""
        return self._one(Transfer, _FIND, id=transfer_id)

    @fan_out
    def page(
        self, party: str | None, states: Collection[TransferState], after: uuid.UUID | None, limit: int
    ) -> tuple[tuple[Transfer, ...], uuid.UUID | None]:
        """Read transfers that are stored in one of the states, by id, and the id behind which the next page is.

        With a party: those that it sells or buys.
        """
        wanted: list[sa.ColumnElement[bool]] = [transfer.c.state.in_(sorted(states))]
        if party is not None:
            wanted.append(sa.or_(transfer.c.participant_id == party, transfer.c.buyer_id == party))
        chosen = ids_behind(self._connection, transfer.c.transfer_id, after, limit, *wanted)
        statement = sa.select(transfer).where(transfer.c.transfer_id.in_(chosen.ids)).order_by(transfer.c.transfer_id)
        return self._all(Transfer, statement), chosen.next

    @fan_out
    def lapsing(self, on: dt.date, limit: int) -> tuple[Transfer, ...]:
        """Find transfers that nobody accepted until ``on``, the longest over first."""
        return self._all(Transfer, _DUE, day=on, most=limit)
