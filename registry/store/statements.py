"""Keep the statements given to subjects: they are counted within a year and deleted in the year after the next."""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from registry.domain.statements import StatementGiven
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository, fan_out

# The person need not be a stored subject: no foreign key to the subject, and no subject is made for a statement.
statement_given: Final = sa.Table(
    "statement_given",
    columns.metadata,
    columns.key(),
    columns.uuid("statement_id"),
    columns.text("asked_through", 64),
    columns.time("given_at"),
    columns.integer("year"),
    sa.Column("free", sa.Boolean(), nullable=False),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "statement_id"),
    columns.references(["asked_through"], "participant", ["participant_id"]),
    columns.length("subject_key"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(statement_given)
_OF_SUBJECT: Final = (
    sa.select(statement_given)
    .where(statement_given.c.subject_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(statement_given.c.given_at, statement_given.c.statement_id)
)
_FORGET: Final = sa.delete(statement_given).where(statement_given.c.year < sa.bindparam("year"))


class Statements(Repository):
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    def add(self, new: StatementGiven) -> None:
        _INSERT.run(self._connection, [new])

    def of_subject(self, keys: Collection[bytes]) -> tuple[StatementGiven, ...]:
        """Read the statements that a subject was given, under all keys that it has had, oldest first."""
        return self._all(StatementGiven, _OF_SUBJECT, keys=sorted(keys))

    @fan_out
    def forget(self, before_year: int) -> int:
        """Delete the statements of the years before one; returns the number deleted."""
        return self._connection.execute(_FORGET, {"year": before_year}).rowcount
