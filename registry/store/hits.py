"""Which records weighed in which inquiries, found again when a record changes."""

import uuid
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.inquiries import Hit
from registry.store.schema import hit, inquiry
from registry.store.statements import ByKeys, Insert, Place, grouped, in_parts

_INSERT: Final = Insert(hit)
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


class Hits:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hits: Sequence[Hit]) -> None:
        _INSERT.run(self._connection, hits)

    def of_subjects(self, keys: Collection[bytes]) -> dict[Place, tuple[Hit, ...]]:
        """All hits of the subjects' records by (subject key, record id), oldest first."""
        rows = _OF_SUBJECTS.rows(self._connection, keys)
        found = (Hit(**dict(zip(_OF_SUBJECTS.names, row, strict=True))) for row in rows)
        return grouped(found, attrgetter("subject_key", "record_id"))

    def of_records(self, records: Collection[Place]) -> tuple[Hit, ...]:
        """All hits of these records, in no order."""
        rows = (row for part in in_parts(records) for row in self._connection.execute(_OF_RECORDS, part).mappings())
        return tuple(Hit(**row) for row in rows)

    def askers(self, records: Collection[Place]) -> frozenset[tuple[str, uuid.UUID]]:
        """(participant, inquiry) of whoever got a hit because of any of these records.

        The database makes them few: an inquiry about a firm has a hit for each of its records.
        """
        rows = (row for part in in_parts(records) for row in self._connection.execute(_ASKERS, part))
        return frozenset((row.participant_id, row.inquiry_id) for row in rows)

    def weighed_for_others(self, subject_key: bytes) -> tuple[Hit, ...]:
        """The hits of a subject's records in inquiries about somebody else, each record's oldest first."""
        return tuple(Hit(**row) for row in self._connection.execute(_FOR_OTHERS, {"key": subject_key}).mappings())
