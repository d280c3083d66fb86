"""Statements given to subjects: counted within a year, forgotten with the next but one."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.statements import StatementGiven
from registry.store.schema import statement_given
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(statement_given)
_OF_SUBJECT: Final = (
    sa.select(statement_given)
    .where(statement_given.c.subject_key == sa.bindparam("key"))
    .order_by(statement_given.c.given_at, statement_given.c.statement_id)
)
_FORGET: Final = sa.delete(statement_given).where(statement_given.c.year < sa.bindparam("year"))


class Given:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: StatementGiven) -> None:
        _INSERT.run(self._connection, [new])

    def of_subject(self, subject_key: bytes) -> tuple[StatementGiven, ...]:
        """The statements that a subject was given, oldest first."""
        rows = self._connection.execute(_OF_SUBJECT, {"key": subject_key}).mappings()
        return tuple(StatementGiven(**row) for row in rows)

    @fan_out
    def forget(self, before_year: int) -> int:
        """Forget the statements of the years before one; the number forgotten."""
        return self._connection.execute(_FORGET, {"year": before_year}).rowcount
