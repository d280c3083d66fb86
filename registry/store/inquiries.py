"""Inquiries as they were decided."""

import uuid
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.inquiries import Inquiry
from registry.store.schema import inquiry
from registry.store.statements import Insert

_INSERT: Final = Insert(inquiry)
_OF_SUBJECT: Final = (
    sa.select(inquiry)
    .where(inquiry.c.subject_key == sa.bindparam("key"))
    .order_by(inquiry.c.month, inquiry.c.decided_at, inquiry.c.inquiry_id)
)
_FIND: Final = sa.select(inquiry).where(
    inquiry.c.subject_key == sa.bindparam("key"),
    inquiry.c.month == sa.bindparam("month"),
    inquiry.c.inquiry_id == sa.bindparam("id"),
)


class Inquiries:
    """Distribution key: ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, inquiries: Sequence[Inquiry]) -> None:
        _INSERT.run(self._connection, inquiries)

    def of_subject(self, subject_key: bytes) -> tuple[Inquiry, ...]:
        """Who asked about the subject, oldest first."""
        return tuple(Inquiry(**row) for row in self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings())

    def find(self, subject_key: bytes, month: int, inquiry_id: uuid.UUID) -> Inquiry | None:
        """One inquiry; its month says in which partition it is."""
        values = {"key": subject_key, "month": month, "id": inquiry_id}
        row = self._connection.execute(_FIND, values).mappings().one_or_none()
        return None if row is None else Inquiry(**row)
