"""Send the inserts of a transaction's end as one statement: on PostgreSQL each statement costs a round trip.

All rows of the statement see the database as it was before it. Its foreign keys and its entry checks are judged at its
end, when all rows are there, so their order does not matter. SQLite has no round trips, and a spread database runs no
INSERT inside another statement: there each runs as it comes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.engine import Connection

from registry.store.distribution import SPREAD
from registry.store.driver import execute
from registry.store.errors import Overtaken

_COLLECTED: Final = "clearline.joined"


class Joined:
    """The inserts collected so far; one that counts its rows must insert all of them."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, tuple[str, ...], int | None]] = []

    def add(self, text: str, parameters: tuple[str, ...], all_new: int | None) -> None:
        """Collect an INSERT of arrays; ``all_new`` is its number of rows if an existing row is left out."""
        self._parts.append((text, parameters, all_new))

    def run(self, connection: Connection) -> None:
        """Run all of them; raises Overtaken if a row that had to be new was there."""
        if not self._parts:
            return
        named = [f"w{number} AS ({_with_result(*part)})" for number, part in enumerate(self._parts)]
        counted = [number for number, (_, _, all_new) in enumerate(self._parts) if all_new is not None]
        counts = ", ".join(f"(SELECT count(*) FROM w{number})" for number in counted) or "0"  # noqa: S608 - our own names
        parameters = tuple(each for _, given, _ in self._parts for each in given)
        (found,) = execute(connection, f"WITH {', '.join(named)} SELECT {counts}", parameters).fetchall()
        if any(count != self._parts[number][2] for number, count in zip(counted, found, strict=False)):
            raise Overtaken


def _with_result(text: str, _parameters: tuple[str, ...], all_new: int | None) -> str:
    return text if all_new is None else f"{text} RETURNING 1"


def joining(connection: Connection) -> Joined | None:
    """Return the collection that is open on the connection, or None."""
    collected: Joined | None = connection.info.get(_COLLECTED)
    return collected


@contextmanager
def joined(connection: Connection) -> Iterator[None]:
    """Collect what ``Insert.add`` is given inside, and send it at the end; nothing is sent after an error.

    Nobody inside may read what was added there.
    """
    if connection.dialect.name == "sqlite" or connection.info.get(SPREAD) or joining(connection) is not None:
        yield
        return
    collected = connection.info[_COLLECTED] = Joined()
    try:
        yield
    finally:
        del connection.info[_COLLECTED]
    collected.run(connection)
