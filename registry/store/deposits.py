"""Keep deposits: one row for each part of an order, under the subject of its decision or else a key of the order."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.codes import ServiceClass
from protocol.deposits import DepositState
from registry.domain.deposits import Deposit
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

IS_HELD: Final = f"state = '{DepositState.HELD}'"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""
IS_TOLD: Final = "tell_on IS NOT NULL"

# Like an activation's, its subject need not be a stored one. It outlives its activation, and has no reference to it.
deposit: Final = sa.Table(
    "deposit",
    columns.metadata,
    columns.key(),
    columns.text("participant_id", 64),
    columns.octets("order_ref", 16),
    columns.integer("part"),
    columns.uuid("activation_id"),
    columns.coded("service_class", ServiceClass, 16),
    columns.coded("state", DepositState, 16),
    columns.fen("fen"),
    columns.fen("repaid_fen"),
    columns.fen("interest_fen"),
    columns.day("counted_on"),
    columns.fen("returned_fen"),
    columns.fen("kept_fen"),
    columns.day("returned_on", nullable=True),
    columns.day("taken_on"),
    columns.day("service_ended_on", nullable=True),
    columns.day("due_on"),
    columns.day("tell_on", nullable=True),
    columns.day("drop_on"),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "participant_id", "order_ref", "part"),
    columns.references(["participant_id"], "participant"),
    columns.length("subject_key"),
    columns.length("order_ref"),
    columns.at_least("part", 1),
    columns.at_least("fen", 1),
    columns.at_least("repaid_fen", 0),
    columns.at_least("interest_fen", 0),
    columns.at_least("returned_fen", 0),
    columns.at_least("kept_fen", 0),
    sa.Index(None, "activation_id"),
    sa.Index(None, "participant_id"),
    sa.Index(None, "drop_on"),
    columns.partial("ix_deposit_held", "participant_id", "activation_id", where=IS_HELD),
    columns.partial("ix_deposit_to_tell", "tell_on", where=IS_TOLD),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(deposit, new_only=True)
_DELETE: Final = Change(deposit)
_CHANGE: Final = Change(deposit, [each.name for each in deposit.c if not each.primary_key])
_LOCK: Final = ByKeys(
    sa.select(deposit).with_for_update(),
    deposit.c.subject_key,
    order=(deposit.c.subject_key, deposit.c.activation_id),
)
_OF_SUBJECT: Final = ByKeys(
    sa.select(deposit), deposit.c.subject_key, order=(deposit.c.taken_on, deposit.c.activation_id)
)
_FIND: Final = sa.select(deposit).where(deposit.c.activation_id == sa.bindparam("id"))
# The conditions are literals, or the planner would not use the partial indexes.
_HELD: Final = (
    sa.select(deposit)
    .where(
        sa.text(IS_HELD),
        deposit.c.participant_id == sa.bindparam("by"),
        deposit.c.activation_id > sa.bindparam("after"),
    )
    .order_by(deposit.c.activation_id)
    .limit(sa.bindparam("most"))
)
_TO_TELL: Final = (
    sa.select(deposit.c.subject_key)
    .where(sa.text(IS_TOLD), deposit.c.tell_on <= sa.bindparam("day"))
    .order_by(deposit.c.tell_on)
    .limit(sa.bindparam("most"))
)
_IS_RETURNED: Final = deposit.c.state == DepositState.RETURNED
_IN_TIME: Final = sa.and_(_IS_RETURNED, deposit.c.returned_on <= deposit.c.due_on)
_FIGURES: Final = sa.select(sa.func.count(), sa.func.count(sa.case((_IN_TIME, 1)))).where(
    deposit.c.participant_id == sa.bindparam("by"),
    sa.or_(_IS_RETURNED, sa.and_(sa.text(IS_HELD), deposit.c.due_on <= sa.bindparam("day"))),
)


class Deposits(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: Sequence[Deposit]) -> None:
        """Keep new deposits; raises Overtaken if another transaction has one of them: the work runs again."""
        _INSERT.add(self._connection, new)

    def update(self, changed: Sequence[Deposit]) -> None:
        """Write deposits that the caller has locked."""
        _CHANGE.run(self._connection, changed)

    def delete(self, gone: Sequence[Deposit]) -> None:
        """Delete deposits that the caller has locked, and which go on under another key."""
        _DELETE.run(self._connection, gone)

    def lock(self, keys: Collection[bytes]) -> tuple[Deposit, ...]:
        """Read the deposits under these keys and lock them until the transaction ends."""
        return tuple(self._of(Deposit, _LOCK, keys))

    def of_subject(self, keys: Collection[bytes]) -> tuple[Deposit, ...]:
        """Read all deposits of a subject, under all keys that it has had, the oldest first."""
        return tuple(self._of(Deposit, _OF_SUBJECT, keys))

    @fan_out
    def find(self, activation_id: uuid.UUID) -> Deposit | None:
        return self._one(Deposit, _FIND, id=activation_id)

    @fan_out
    def held_by(self, participant_id: str, after: uuid.UUID, limit: int) -> tuple[Deposit, ...]:
        """Read the deposits that a participant holds, by the ids of their activations, behind one."""
        return self._all(Deposit, _HELD, by=participant_id, after=after, most=limit)

    @fan_out
    def figures(self, participant_id: str, today: dt.date) -> tuple[int, int]:
        """Count a participant's deposits that are due by a day or were returned, and those returned in time."""
        due, in_time = self._connection.execute(_FIGURES, {"by": participant_id, "day": today}).one()
        return due, in_time

    @fan_out
    def to_tell(self, on: dt.date, limit: int) -> frozenset[bytes]:
        """Find the keys of deposits whose carriers are to be told of them by ``on``, the longest due first."""
        return frozenset(self._connection.execute(_TO_TELL, {"day": on, "most": limit}).scalars())
