"""Keep the hits of records in inquiries, to find the inquirers again when a record changes."""

import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from registry.domain.inquiries import Hit
from registry.store import columns
from registry.store.inquiries import inquiry
from registry.store.prepared import ByKeys, Insert, Place, grouped, in_parts
from registry.store.repository import Repository

# The key begins with the record's debtor, so that a change finds the askers on the record's node. Insert-only; no
# foreign key to the record, whose row every inquiry would have to touch.
hit: Final = sa.Table(
    "hit",
    columns.metadata,
    columns.key(),
    columns.uuid("record_id"),
    columns.uuid("inquiry_id"),
    columns.text("participant_id", 64),
    columns.time("asked_at"),
    sa.PrimaryKeyConstraint("subject_key", "record_id", "inquiry_id"),
    columns.by_age("asked_at"),
    columns.references(["participant_id"], "participant"),
    columns.length("subject_key"),
    info=columns.BY_SUBJECT,
    sqlite_with_rowid=False,
)

_INSERT: Final = Insert(hit)
_INSERT_MISSING: Final = Insert(hit, new_only=True)
_OF_SUBJECTS: Final = ByKeys(
    sa.select(hit).order_by(hit.c.subject_key, hit.c.record_id, hit.c.inquiry_id),
    hit.c.subject_key,
)
_THESE: Final = (
    hit.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
    hit.c.record_id.in_(sa.bindparam("ids", expanding=True)),
)
_OF_RECORDS: Final = sa.select(hit).where(*_THESE)
_ASKERS: Final = sa.select(hit.c.participant_id, hit.c.inquiry_id).where(*_THESE).distinct()
_FOR_OTHERS: Final = (
    sa.select(hit)
    .where(
        hit.c.subject_key == sa.bindparam("key"),
        hit.c.inquiry_id.not_in(sa.select(inquiry.c.inquiry_id).where(inquiry.c.subject_key == sa.bindparam("key"))),
    )
    .order_by(hit.c.record_id, hit.c.inquiry_id)
)


class InquiryHits(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, hits: Sequence[Hit]) -> None:
        _INSERT.add(self._connection, hits)

    def add_missing(self, hits: Sequence[Hit]) -> None:
        """Add the hits that the inquiry does not have yet."""
        _INSERT_MISSING.run(self._connection, hits)

    def of_subjects(self, keys: Collection[bytes]) -> dict[Place, tuple[Hit, ...]]:
        """Read all hits of the subjects' records by (subject key, record id), oldest first."""
        return grouped(self._of(Hit, _OF_SUBJECTS, keys), attrgetter("subject_key", "record_id"))

    def of_records(self, records: Collection[Place]) -> tuple[Hit, ...]:
        """Read all hits of these records, in no order."""
        return self._at(Hit, _OF_RECORDS, records)

    def askers(self, records: Collection[Place]) -> frozenset[tuple[str, uuid.UUID]]:
        """Find the (participant, inquiry) pairs with a hit of any of these records.

        The database drops duplicates: an inquiry about a firm has a hit for each of its records.
        """
        rows = (row for part in in_parts(records) for row in self._connection.execute(_ASKERS, part))
        return frozenset((row.participant_id, row.inquiry_id) for row in rows)

    def weighed_for_others(self, subject_key: bytes) -> tuple[Hit, ...]:
        """Read the hits of a subject's records in inquiries about somebody else, each record's oldest first."""
        return self._all(Hit, _FOR_OTHERS, key=subject_key)
