"""Counts of rows, asked outside the watched store: a count asks every node."""

import sqlalchemy as sa

from tests.support.unwatched import unwatched
from tests.support.world import World


def rows_of(world: World, *tables: sa.Table) -> tuple[int, ...]:
    """The numbers of rows of the tables."""
    with unwatched(world.registry.store._engines.read.url).connect() as connection:
        return tuple(connection.execute(sa.select(sa.func.count()).select_from(each)).scalar_one() for each in tables)
