"""Keep each revision of each part of an order: with its decision under the subject, else under its carrier."""

from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa

from protocol.activations import (
    ActivationNote,
    ActivationOutcome,
    ActivationReason,
    Basis,
    Obeyed,
    UncheckedCause,
)
from protocol.codes import ServiceClass
from registry.domain.activations import Activation
from registry.store import columns
from registry.store.prepared import ByKeys, Insert
from registry.store.repository import Repository, values_of
from registry.store.types import CodedList


def _told() -> tuple["sa.schema.SchemaItem", ...]:
    """The columns of every report, whether it has a decision or not."""
    return (
        columns.text("participant_id", 64),
        columns.octets("order_ref", 16),
        columns.integer("part"),
        columns.integer("revision"),
        columns.coded("service_class", ServiceClass, 16),
        columns.coded("outcome", ActivationOutcome, 16),
        columns.coded("basis", Basis, 16),
        columns.coded("obeyed", Obeyed, 16),
        columns.coded("reason", ActivationReason, 32, nullable=True),
        columns.integer("lines"),
        columns.integer("unchecked_lines"),
        sa.Column("notes", CodedList(ActivationNote, 100, tuple), nullable=False),
        columns.time("done_at"),
        columns.time("reported_at"),
        columns.octets("content_digest"),
        columns.uuid("log_entry_id"),
        columns.references(["participant_id"], "participant"),
        columns.length("order_ref"),
        columns.length("content_digest", 32),
        columns.at_least("part", 1),
        columns.at_least("revision", 1),
        columns.at_least("lines", 1),
        columns.at_least("unchecked_lines", 0),
        columns.month(),
    )


# Like an inquiry's, its subject need not be a stored one. The key is the guard against two first reports at once:
# there is no row to lock.
activation: Final = sa.Table(
    "activation",
    columns.metadata,
    columns.key(),
    columns.integer("month"),
    columns.uuid("inquiry_id"),
    *_told(),
    sa.PrimaryKeyConstraint("subject_key", "month", "participant_id", "order_ref", "part", "revision"),
    columns.length("subject_key"),
    info=columns.BY_SUBJECT,
    postgresql_partition_by="RANGE (month)",
)

# Without a subject: the pseudonym of somebody who was not asked about would be data about people who owe nothing.
activation_unchecked: Final = sa.Table(
    "activation_unchecked",
    columns.metadata,
    columns.integer("month"),
    *_told(),
    columns.coded("cause", UncheckedCause, 16),
    sa.PrimaryKeyConstraint("participant_id", "order_ref", "part", "revision", "month"),
    info=columns.BY_PARTICIPANT,
    postgresql_partition_by="RANGE (month)",
)

_INSERT: Final = Insert(activation, new_only=True)
_INSERT_UNCHECKED: Final = Insert(activation_unchecked, new_only=True)
_OF_ORDERS: Final = ByKeys(
    sa.select(activation),
    activation.c.subject_key,
    activation.c.participant_id,
    activation.c.order_ref,
    order=(activation.c.revision,),
)
_UNCHECKED_OF_ORDERS: Final = ByKeys(
    sa.select(activation_unchecked),
    activation_unchecked.c.order_ref,
    activation_unchecked.c.participant_id,
    order=(activation_unchecked.c.revision,),
)
_OF_SUBJECT: Final = (
    sa.select(activation)
    .where(activation.c.subject_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(activation.c.reported_at, activation.c.log_entry_id)
)


class Activations(Repository):
    """Distribution key: ``subject_key``; ``participant_id`` of those without a subject."""

    def add(self, revisions: Sequence[Activation]) -> None:
        """Keep new revisions; raises Overtaken if another transaction has one of them: the work runs again."""
        _INSERT.add(self._connection, [each for each in revisions if each.subject_key is not None])
        _INSERT_UNCHECKED.add(self._connection, [each for each in revisions if each.subject_key is None])

    def of_orders(self, keys: Collection[bytes], participant_id: str, orders: Collection[bytes]) -> list[Activation]:
        """Read what a participant reported on orders of these subjects, with a decision."""
        rows = _OF_ORDERS.rows(self._connection, keys, (participant_id,), orders)
        return list(values_of(Activation, _OF_ORDERS, rows))

    def unchecked_of_orders(self, participant_id: str, orders: Collection[bytes]) -> list[Activation]:
        """Read what a participant reported on these orders without a decision."""
        rows = _UNCHECKED_OF_ORDERS.rows(self._connection, orders, (participant_id,))
        return list(values_of(Activation, _UNCHECKED_OF_ORDERS, rows))

    def of_subject(self, keys: Collection[bytes]) -> tuple[Activation, ...]:
        """Read all reports on orders of a subject, under all keys that it has had, the oldest first."""
        return self._all(Activation, _OF_SUBJECT, keys=sorted(keys))
