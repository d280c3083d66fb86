"""Keep the checks of inquiries after the first."""

import uuid
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from protocol.codes import DecisionCode, ReasonCode
from registry.domain.inquiries import Recheck
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository
from registry.store.types import CodedList

# Like an inquiry's, its subject need not be a stored one.
recheck: Final = sa.Table(
    "recheck",
    columns.metadata,
    columns.key(),
    columns.uuid("inquiry_id"),
    columns.integer("number"),
    columns.text("participant_id", 64),
    columns.coded("decision", DecisionCode, 16),
    sa.Column("reasons", CodedList(ReasonCode, 200, tuple), nullable=False),
    columns.fen("total_fen"),
    columns.time("decided_at"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "inquiry_id", "number"),
    columns.references(["participant_id"], "participant"),
    columns.length("subject_key"),
    columns.at_least("number", 1),
    columns.at_least("total_fen", 0),
    columns.by_age("decided_at"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(recheck, new_only=True)
_OF_INQUIRY: Final = (
    sa.select(recheck)
    .where(
        recheck.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        recheck.c.inquiry_id == sa.bindparam("id"),
    )
    .order_by(recheck.c.number)
)
_OF_SUBJECT: Final = (
    sa.select(recheck)
    .where(recheck.c.subject_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(recheck.c.inquiry_id, recheck.c.number)
)


class Rechecks(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, new: Recheck) -> None:
        """Keep a check; raises Overtaken if another one has its number: the work runs again, and counts it."""
        _INSERT.add(self._connection, [new])

    def of_inquiry(self, keys: Collection[bytes], inquiry_id: uuid.UUID) -> tuple[Recheck, ...]:
        """Read the checks of one inquiry, in their order, under the keys that its person has, or had."""
        return self._all(Recheck, _OF_INQUIRY, keys=sorted(keys), id=inquiry_id)

    def of_subject(self, keys: Collection[bytes]) -> tuple[Recheck, ...]:
        """Read all checks about a subject, under all keys that it has had, by their inquiries."""
        return self._all(Recheck, _OF_SUBJECT, keys=sorted(keys))
