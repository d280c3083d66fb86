"""Keep the payments taken at another carrier's counter, and sum those of a month between two carriers."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from protocol.codes import CollectionRefusal
from protocol.messages.collected import Direction
from protocol.states import CollectionState
from registry.domain.collected import COUNTED, CollectedPayment
from registry.domain.money import sum_fen
from registry.store import columns
from registry.store.changes import Change
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, fan_out

IS_TO_CONFIRM: Final = f"state = '{CollectionState.TO_CONFIRM}'"
"""Equal to the query's condition word for word: SQLite takes a partial index only then."""

collection: Final = sa.Table(
    "collection",
    columns.metadata,
    columns.key(),
    columns.uuid("collection_id"),
    columns.uuid("record_id"),
    columns.uuid("settlement_id"),
    columns.uuid("quote_id"),
    columns.text("collector_id", 64),
    columns.text("creditor_id", 64),
    columns.fen("amount_fen"),
    columns.time("collected_at"),
    columns.integer("collected_month"),
    columns.time("received_at"),
    columns.day("confirm_due"),
    columns.coded("state", CollectionState, 24),
    columns.coded("refusal", CollectionRefusal, 24, nullable=True),
    columns.time("answered_at", nullable=True),
    columns.time("reversed_at", nullable=True),
    columns.text("rules_version", 32),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "collection_id"),
    columns.references(["collector_id"], "participant", ["participant_id"]),
    columns.references(["creditor_id"], "participant", ["participant_id"]),
    columns.length("subject_key"),
    columns.at_least("amount_fen", 0),
    sa.Index(None, "collection_id"),
    columns.by_age("received_at"),
    # The net statement of two carriers reads this index alone, page by page.
    sa.Index("ix_collection_month", "collector_id", "creditor_id", "collected_month", "collection_id"),
    columns.partial("ix_collection_to_confirm", "confirm_due", where=IS_TO_CONFIRM),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(collection)
_OF_SUBJECTS: Final = ByKeys(
    sa.select(collection).order_by(collection.c.subject_key, collection.c.received_at, collection.c.collection_id),
    collection.c.subject_key,
)
_FIND: Final = sa.select(collection).where(collection.c.collection_id == sa.bindparam("id"))
# The state is a literal, or the planner would not use the partial index.
_DUE: Final = (
    sa.select(collection)
    .where(sa.text(IS_TO_CONFIRM), collection.c.confirm_due < sa.bindparam("day"))
    .order_by(collection.c.confirm_due)
    .limit(sa.bindparam("most"))
)
_BETWEEN: Final = (
    collection.c.collector_id == sa.bindparam("collector"),
    collection.c.creditor_id == sa.bindparam("creditor"),
    collection.c.collected_month == sa.bindparam("month"),
)
_PAGE: Final = (
    sa.select(collection)
    .where(*_BETWEEN, collection.c.collection_id > sa.bindparam("after", type_=sa.Uuid()))
    .order_by(collection.c.collection_id)
    .limit(sa.bindparam("most"))
)
_CONSENTED: Final = sa.and_(
    collection.c.state == sa.literal_column(f"'{CollectionState.TO_CONFIRM}'"),
    collection.c.confirm_due < sa.bindparam("day"),
)
"""The creditor's last day is over: its silence is consent, even before the scheduler writes it."""
_COUNTS: Final = sa.and_(
    sa.or_(collection.c.state.in_([sa.literal_column(f"'{each}'") for each in sorted(COUNTED)]), _CONSENTED),
    collection.c.reversed_at.is_(None),
)
_SUMS: Final = sa.select(
    sa.func.count().filter(_COUNTS),
    sa.func.coalesce(sa.func.sum(collection.c.amount_fen).filter(_COUNTS), 0),
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(collection.c.amount_fen), 0),
).where(*_BETWEEN)
_CHANGE: Final = Change(collection, ("state", "refusal", "answered_at", "reversed_at", "log_entry_id"))


class Collected(Repository):
    """Distribution key: ``subject_key`` of the debtor, but where marked as a fan-out."""

    def add(self, new: CollectedPayment) -> None:
        _INSERT.run(self._connection, [new])

    def update(self, changed: CollectedPayment) -> None:
        """Write the columns of a payment that may change; the caller has the subject's lock."""
        _CHANGE.run(self._connection, [changed])

    def of_subjects(self, keys: Collection[bytes]) -> tuple[CollectedPayment, ...]:
        """Read all payments of the subjects, each subject's oldest first."""
        return tuple(self._of(CollectedPayment, _OF_SUBJECTS, keys))

    def of_settlement(self, subject_key: bytes, settlement_id: uuid.UUID) -> CollectedPayment | None:
        """Find the payment behind a settlement; None for one that the creditor reported itself."""
        payments = [each for each in self.of_subjects((subject_key,)) if each.settlement_id == settlement_id]
        return payments[0] if payments else None

    @fan_out
    def find(self, collection_id: uuid.UUID) -> CollectedPayment | None:
        return self._one(CollectedPayment, _FIND, id=collection_id)

    @fan_out
    def due(self, today: dt.date, limit: int) -> tuple[CollectedPayment, ...]:
        """Find payments whose creditor's last day is over, the longest overdue first."""
        return self._all(CollectedPayment, _DUE, day=today, most=limit)

    @fan_out
    def page(
        self, collector_id: str, creditor_id: str, month: int, after: uuid.UUID, limit: int
    ) -> tuple[CollectedPayment, ...]:
        """Read one carrier's payments for another in a month, in the order of ids, behind ``after``."""
        between = {"collector": collector_id, "creditor": creditor_id, "month": month}
        return self._all(CollectedPayment, _PAGE, **between, after=after, most=limit)

    @fan_out
    def direction(self, collector_id: str, creditor_id: str, month: int, today: dt.date) -> Direction:
        """Sum the same payments, all of them, as they are on a day."""
        values = {"collector": collector_id, "creditor": creditor_id, "month": month, "day": today}
        # PostgreSQL sums whole numbers to a decimal one.
        counted, counted_fen, all_of_them, all_fen = map(int, self._connection.execute(_SUMS, values).one())
        return Direction(
            collector=collector_id,
            creditor=creditor_id,
            counted=counted,
            counted_fen=sum_fen([counted_fen]),
            apart=all_of_them - counted,
            apart_fen=sum_fen([all_fen - counted_fen]),
        )
