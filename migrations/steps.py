"""What several revisions say. Never changed: a revision means the same for ever."""

from typing import Any

import sqlalchemy as sa
from alembic import op

TIME = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
"""An aware time; whole microseconds since 1970 on SQLite, which has no zones."""


def create_table(name: str, *parts: sa.schema.SchemaItem, **options: Any) -> None:
    """Create a table; its foreign keys come in a step of their own, where the database has such a step.

    A distributed engine spreads a table between the two steps. SQLite cannot add a constraint to a table that is
    there, so its tables have them from the start (a batch copy of each table would come to the same).
    Constraints are given under the full names that they have in the database.
    """
    foreign = [each for each in parts if isinstance(each, sa.ForeignKeyConstraint)]
    if op.get_bind().dialect.name == "sqlite":
        op.create_table(name, *parts, **options)
        return
    op.create_table(name, *(each for each in parts if not isinstance(each, sa.ForeignKeyConstraint)), **options)
    for each in foreign:
        targets = [element.target_fullname.split(".") for element in each.elements]
        columns = [column for _, column in targets]
        op.create_foreign_key(str(each.name), name, targets[0][0], list(each.column_keys), columns)
