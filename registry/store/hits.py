"""Which records weighed in which inquiries, found again when a record changes."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.inquiry import Hit
from registry.store.schema import hit
from registry.store.statements import ByKeys, Insert

_INSERT: Final = Insert(hit)
_OF_SUBJECTS: Final = ByKeys(
    sa.select(hit).order_by(hit.c.subject_key, hit.c.record_id, hit.c.inquiry_id),
    hit.c.subject_key,
)


class Hits:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hits: Sequence[Hit]) -> None:
        _INSERT.run(self._connection, hits)

    def of_subjects(self, keys: Collection[bytes]) -> dict[tuple[bytes, uuid.UUID], tuple[Hit, ...]]:
        """All hits of the subjects' records by (subject key, record id), oldest first."""
        grouped: dict[tuple[bytes, uuid.UUID], tuple[Hit, ...]] = {}
        for row in _OF_SUBJECTS.rows(self._connection, keys):
            each = Hit(**dict(zip(_OF_SUBJECTS.names, row, strict=True)))
            place = each.subject_key, each.record_id
            grouped[place] = (*grouped.get(place, ()), each)
        return grouped
