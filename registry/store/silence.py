"""Give up a database that does not answer: close the connection, and never cancel what was asked.

PostgreSQL ends a COMMIT whose wait for the synchronous standby was cancelled with success and a warning, although the
standby has nothing. A closed connection says no more than the truth: before COMMIT was sent nothing is kept, afterwards
nobody knows.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import Dialect

from registry.domain.patience import LEAST_SECONDS

R = TypeVar("R")

_WAKES_EVERY: Final = 0.1
_KEEPALIVES: Final = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A host that vanished without a word is noticed within half a minute, also by work that waits patiently."""


class DatabaseSilent(psycopg.OperationalError):
    """The database did not answer in time, and its connection was closed."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection whose waits have an end; ``patience`` is the most seconds of each, None for no bound."""

    patience: float | None = None

    def wait(self, gen: PQGen[R], interval: float = _WAKES_EVERY, timeout: float | None = None) -> R:
        """Wait for the server, as all of the driver's statements do; raises DatabaseSilent."""
        bound = self.patience if timeout is None else timeout
        try:
            return super().wait(gen, interval, bound)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - the driver has no public name for it
            # It does not block: the farewell to a server that reads nothing is left in the socket.
            self.pgconn.finish()
            raise DatabaseSilent("it did not answer in time") from None


def connect_bounded(_dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Open a connection whose waits can be bounded; the listener of an engine's ``do_connect``."""
    return BoundedConnection.connect(*arguments, **{**_KEEPALIVES, **options})


def bound_waits(connection: Connection, seconds: float | None) -> None:
    """Bound each wait on the connection, from here on, where its driver can: SQLite bounds its own wait for a lock."""
    driver: object = connection.connection.dbapi_connection
    if isinstance(driver, BoundedConnection):
        driver.patience = seconds


class Wait:
    """The wait of one piece of work for the database, its attempts together."""

    __slots__ = ("_begun", "_monotonic", "_seconds", "_tried")

    def __init__(self, begun: float, seconds: float, monotonic: Callable[[], float]) -> None:
        self._begun = self._tried = begun
        self._seconds = seconds
        self._monotonic = monotonic

    def left(self) -> float:
        """Begin an attempt, and return the seconds that each of its waits may take."""
        self._tried = self._monotonic()
        return max(min(LEAST_SECONDS, self._seconds), self._begun + self._seconds - self._tried)

    def is_over(self) -> bool:
        """Tell whether one more attempt as long as the last would end too late."""
        now = self._monotonic()
        return now + (now - self._tried) >= self._begun + self._seconds


class Patience:
    """For how many seconds a piece of work waits for a silent database; threads share it."""

    __slots__ = ("_in_line", "_monotonic", "seconds")

    def __init__(
        self,
        seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
        in_line: threading.local | None = None,
    ) -> None:
        self.seconds: Final = seconds
        self._monotonic = monotonic
        self._in_line = threading.local() if in_line is None else in_line

    def within(self, seconds: float) -> "Patience":
        """Return the same with another bound."""
        return Patience(seconds, self._monotonic, self._in_line)

    def begin(self) -> Wait:
        """Begin to wait, or go on with the wait that the thread began in a line."""
        begun: float | None = getattr(self._in_line, "begun", None)
        return Wait(self._monotonic() if begun is None else begun, self.seconds, self._monotonic)

    @contextmanager
    def lining_up(self) -> Iterator[float]:
        """Count the thread's wait in a line, and the work that it then does, as one wait; yields its seconds."""
        self._in_line.begun = self._monotonic()
        try:
            yield self.seconds
        finally:
            self._in_line.begun = None
