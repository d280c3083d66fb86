"""Keep inquiries as they were decided."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from registry.domain.inquiries import Inquiry
from registry.store import columns
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, values_of
from registry.store.types import CodedList

# An applicant need not be a stored subject: no foreign key to the subject, here and in the quote.
inquiry: Final = sa.Table(
    "inquiry",
    columns.metadata,
    columns.key(),
    columns.integer("month"),
    columns.uuid("inquiry_id"),
    columns.text("participant_id", 64),
    columns.coded("service_class", ServiceClass, 16),
    columns.coded("decision", DecisionCode, 16),
    sa.Column("reasons", CodedList(ReasonCode, 200, tuple), nullable=False),
    columns.text("rules_version", 32),
    columns.time("decided_at"),
    columns.uuid("quote_id", nullable=True),
    columns.octets("order_ref", 16, nullable=True),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "month", "inquiry_id"),
    columns.references(["participant_id"], "participant"),
    columns.length("subject_key"),
    columns.month(),
    info=columns.BY_SUBJECT,
    postgresql_partition_by="RANGE (month)",
)

_INSERT: Final = Insert(inquiry)
_OF_SUBJECT: Final = (
    sa.select(inquiry)
    .where(inquiry.c.subject_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(inquiry.c.month, inquiry.c.decided_at, inquiry.c.inquiry_id)
)
_FIND: Final = sa.select(inquiry).where(
    inquiry.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    inquiry.c.month == sa.bindparam("month"),
    inquiry.c.inquiry_id == sa.bindparam("id"),
)
_OF_ORDERS: Final = ByKeys(
    sa.select(inquiry),
    inquiry.c.subject_key,
    inquiry.c.participant_id,
    inquiry.c.order_ref,
    order=(inquiry.c.decided_at,),
)


class Inquiries(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, inquiries: Sequence[Inquiry]) -> None:
        _INSERT.add(self._connection, inquiries)

    def of_subject(self, keys: Collection[bytes]) -> tuple[Inquiry, ...]:
        """Read the inquiries about a subject, under all keys that it has had, oldest first."""
        return self._all(Inquiry, _OF_SUBJECT, keys=sorted(keys))

    def of_orders(self, keys: Collection[bytes], participant_id: str, orders: Collection[bytes]) -> list[Inquiry]:
        """Read the inquiries of a participant for its orders about these subjects, oldest first."""
        return list(values_of(Inquiry, _OF_ORDERS, _OF_ORDERS.rows(self._connection, keys, (participant_id,), orders)))

    def find(self, subject_key: bytes, month: int, inquiry_id: uuid.UUID) -> Inquiry | None:
        """Find one inquiry; its month names its partition."""
        return self.find_under((subject_key,), month, inquiry_id)

    def find_under(self, keys: Collection[bytes], month: int, inquiry_id: uuid.UUID) -> Inquiry | None:
        """Find one inquiry under any of the keys that its subject has had, by one statement."""
        return self._one(Inquiry, _FIND, keys=sorted(keys), month=month, id=inquiry_id)
