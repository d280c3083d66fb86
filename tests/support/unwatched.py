"""Engines apart from those whose statements are watched, for tests that look at all rows of a table."""

from functools import lru_cache

import sqlalchemy as sa


@lru_cache(maxsize=8)
def unwatched(url: sa.URL) -> sa.Engine:
    """The engine of a database; it keeps no connection open, and its second use asks the server for nothing anew."""
    return sa.create_engine(url, poolclass=sa.NullPool)
