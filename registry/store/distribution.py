"""Say by which column a distributed engine spreads each table; read off the tables, which say it once.

A table names its group (``columns.BY_SUBJECT`` and the like), and the first column of its primary key is the
distribution column. Rows of one group with one value of that column are on one node, and so may refer to one another.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

SUBJECT: Final = "subject"
"""The rows of one person, with the entries about it."""
REFERENCE: Final = "reference"
"""A copy on every node."""
PLAIN: Final = "plain"
"""On one node alone."""

SPREAD: Final = "clearline_spread"
"""The key under which a connection notes that its database spreads the tables."""


def group_of(table: sa.Table) -> str:
    """Return the group whose tables have the rows of one key on one node, or REFERENCE or PLAIN."""
    return str(table.info["distribution"])


def column_of(table: sa.Table) -> str | None:
    """Return the name of the distribution column; None for a table that is not spread."""
    if group_of(table) in {REFERENCE, PLAIN}:
        return None
    return str(next(iter(table.primary_key.columns)).name)


def spread_tables(metadata: sa.MetaData) -> Iterator[tuple[sa.Table, str]]:
    """List the tables that are spread, each with its distribution column, referred tables first."""
    for table in metadata.sorted_tables:
        column = column_of(table)
        if column is not None:
            yield table, column


def are_together(first: sa.Table, second: sa.Table) -> bool:
    """Tell whether a row of ``first`` finds its rows of ``second`` on its own node, given the distribution column."""
    return group_of(second) == REFERENCE or (group_of(first) != PLAIN and group_of(first) == group_of(second))
