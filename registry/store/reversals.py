"""Reversals of settlements, proposed and confirmed."""

import uuid
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.reversals import Reversal
from registry.store.schema import reversal
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(reversal)
_FIND: Final = sa.select(reversal).where(reversal.c.reversal_id == sa.bindparam("id"))
_OF_SUBJECT: Final = (
    sa.select(reversal)
    .where(reversal.c.subject_key == sa.bindparam("key"))
    .order_by(reversal.c.proposed_at, reversal.c.reversal_id)
)
_CONFIRM: Final = (
    sa.update(reversal)
    .where(reversal.c.subject_key == sa.bindparam("at_key"), reversal.c.reversal_id == sa.bindparam("at_id"))
    .values({each: sa.bindparam(each) for each in ("confirmed_at", "confirmed_key_id", "log_entry_id")})
)


class Reversals:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Reversal) -> None:
        _INSERT.run(self._connection, [new])

    def confirm(self, confirmed: Reversal) -> None:
        values = {
            "at_key": confirmed.subject_key,
            "at_id": confirmed.reversal_id,
            "confirmed_at": confirmed.confirmed_at,
            "confirmed_key_id": confirmed.confirmed_key_id,
            "log_entry_id": confirmed.log_entry_id,
        }
        self._connection.execute(_CONFIRM, values)

    def of_subject(self, subject_key: bytes) -> tuple[Reversal, ...]:
        """The reversals of all the subject's settlements, oldest first."""
        return tuple(Reversal(**row) for row in self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings())

    @fan_out
    def find(self, reversal_id: uuid.UUID) -> Reversal | None:
        row = self._connection.execute(_FIND, {"id": reversal_id}).mappings().one_or_none()
        return None if row is None else Reversal(**row)
