"""Transfers of debts with their records, kept with the seller."""

import datetime as dt
import uuid
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.transfers import Transfer, TransferItem
from registry.store.schema import transfer, transfer_item
from registry.store.sets import ManyChanges
from registry.store.statements import Insert, fan_out
from registry.store.transfer_tables import IS_WAITING

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
_CHANGING: Final = tuple(each.name for each in transfer.c if each.name not in _FIXED)
_CHANGE: Final = sa.update(transfer).where(*_AT).values({name: sa.bindparam(name) for name in _CHANGING})
_ITEMS: Final = (
    sa.select(transfer_item)
    .where(
        transfer_item.c.participant_id == sa.bindparam("at_seller"),
        transfer_item.c.transfer_id == sa.bindparam("at_id"),
    )
    .order_by(transfer_item.c.record_id)
)
_BECAME: Final = ("outcome", "new_record_id", "undo_outcome", "undo_record_id")
_BECOME: Final = attrgetter("participant_id", "transfer_id", "record_id", *_BECAME)
_CHANGE_ITEM: Final = ManyChanges(transfer_item, "participant_id", ("transfer_id", "record_id"), _BECAME)
# The states stand in the text, or the partial index would not be seen to fit.
_DUE: Final = (
    sa.select(transfer)
    .where(sa.text(IS_WAITING), transfer.c.lapses_on <= sa.bindparam("day"))
    .order_by(transfer.c.lapses_on)
    .limit(sa.bindparam("most"))
)


class Transfers:
    """Distribution key: ``participant_id``, the seller's, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Transfer, items: Sequence[TransferItem]) -> None:
        _INSERT.run(self._connection, [new])
        _INSERT_ITEM.run(self._connection, items)

    def lock(self, found: Transfer) -> Transfer:
        """The transfer as it is now, held until the transaction ends."""
        row = self._connection.execute(_LOCK, {"at_seller": found.participant_id, "at_id": found.transfer_id})
        return Transfer(**row.mappings().one())

    def update(self, changed: Transfer) -> None:
        """Write all that may change of a transfer that the caller holds."""
        values = {name: getattr(changed, name) for name in _CHANGING}
        self._connection.execute(_CHANGE, values | {"at_seller": changed.participant_id, "at_id": changed.transfer_id})

    def items(self, of: Transfer) -> tuple[TransferItem, ...]:
        """The transfer's records, by id."""
        rows = self._connection.execute(_ITEMS, {"at_seller": of.participant_id, "at_id": of.transfer_id})
        return tuple(TransferItem(**row) for row in rows.mappings())

    def update_items(self, changed: Sequence[TransferItem]) -> None:
        """Write what became of the records."""
        _CHANGE_ITEM.run(self._connection, [_BECOME(each) for each in changed])

    @fan_out
    def find(self, transfer_id: uuid.UUID) -> Transfer | None:
        """A transfer by its id, whoever sells."""
        row = self._connection.execute(_FIND, {"id": transfer_id}).mappings().one_or_none()
        return None if row is None else Transfer(**row)

    @fan_out
    def lapsing(self, on: dt.date, limit: int) -> tuple[Transfer, ...]:
        """Transfers that nobody accepted until ``on``, the longest over first."""
        rows = self._connection.execute(_DUE, {"day": on, "most": limit}).mappings()
        return tuple(Transfer(**row) for row in rows)
