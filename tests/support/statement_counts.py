"""Counts the statements of a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from registry.store.transactions import Store

MOST_STATEMENTS = {"sqlite": 9, "postgresql": 4}
"""Of an inquiry or a group of them without arrears, BEGIN and COMMIT not counted."""


@contextmanager
def statements_of(store: Store) -> Iterator[list[str]]:
    """Record the first words of the statements that the database gets meanwhile, commits included."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement.split(None, 1)[0])

    def committed(_connection: object) -> None:
        seen.append("COMMIT")

    engines = (store._engines.write, store._engines.read)
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
        sa.event.listen(engine, "commit", committed)
    yield seen
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)
        sa.event.remove(engine, "commit", committed)
