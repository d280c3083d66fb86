"""Rebuttals of households: read with the households that an inquiry names."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.disassociations import Rebuttal
from registry.store.schema import household_rebuttal
from registry.store.statements import ByKeys, Insert, fan_out

_ALL: Final = sa.select(household_rebuttal).order_by(
    household_rebuttal.c.rebuttal_id, household_rebuttal.c.household_key
)
_INSERT: Final = Insert(household_rebuttal)
_OF_HOUSEHOLDS: Final = ByKeys(_ALL, household_rebuttal.c.household_key)
_FIND: Final = _ALL.where(household_rebuttal.c.rebuttal_id == sa.bindparam("id"))
_OF_SUBJECT: Final = _ALL.where(household_rebuttal.c.subject_key == sa.bindparam("key"))
_END: Final = (
    sa.update(household_rebuttal)
    .where(
        household_rebuttal.c.household_key == sa.bindparam("at_household"),
        household_rebuttal.c.subject_key == sa.bindparam("at_key"),
        household_rebuttal.c.rebuttal_id == sa.bindparam("at_id"),
    )
    .values({each: sa.bindparam(each) for each in ("withdrawn_at", "withdrawn_by", "log_entry_id")})
)


class Rebuttals:
    """Distribution key: ``household_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Sequence[Rebuttal]) -> None:
        _INSERT.run(self._connection, new)

    def end(self, ended: Rebuttal) -> None:
        """Write that a rebuttal was taken back; the subject's lock is the caller's."""
        values = {
            "at_household": ended.household_key,
            "at_key": ended.subject_key,
            "at_id": ended.rebuttal_id,
            "withdrawn_at": ended.withdrawn_at,
            "withdrawn_by": ended.withdrawn_by,
            "log_entry_id": ended.log_entry_id,
        }
        self._connection.execute(_END, values)

    def of_households(self, keys: Collection[bytes]) -> tuple[Rebuttal, ...]:
        """All rebuttals of the households, those that ended included: on the hot path of an inquiry."""
        names = _OF_HOUSEHOLDS.names
        return tuple(
            Rebuttal(**dict(zip(names, row, strict=True))) for row in _OF_HOUSEHOLDS.rows(self._connection, keys)
        )

    @fan_out
    def find(self, rebuttal_id: uuid.UUID) -> tuple[Rebuttal, ...]:
        """The one or two rows of a filing; none where there is no such filing."""
        rows = self._connection.execute(_FIND, {"id": rebuttal_id}).mappings()
        return tuple(Rebuttal(**row) for row in rows)

    @fan_out
    def of_subject(self, subject_key: bytes) -> tuple[Rebuttal, ...]:
        """What a subject has rebutted, oldest first."""
        rows = self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings()
        return tuple(Rebuttal(**row) for row in rows)
