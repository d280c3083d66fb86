"""Begin, commit, roll back and retry transactions; no other module does."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from typing import Final, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from protocol.problems import Problem, Refusal
from registry.domain.patience import PATIENT_TIMES, REQUEST_SECONDS
from registry.store.database_url import opening, told
from registry.store.engines import LATE_WARNING, Engines
from registry.store.errors import Fault, OutcomeUnknown, Overtaken, StoreFailure, fault_of
from registry.store.joined import joined
from registry.store.repositories import Repositories
from registry.store.silence import Patience, bound_waits
from registry.store.write_gate import GateTimeout
from registry.store.write_health import WriteHealth

T = TypeVar("T")

_log: Final = logging.getLogger(__name__)

ATTEMPTS: Final = 8
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 1.0
_RETRIED: Final = frozenset({Fault.RETRY, Fault.LOST})
_SCHEMA_LOCK: Final = 0x636C656172  # "clear" in ASCII: any number that no other program locks


class Transaction(Repositories):
    """Offers a use case the repositories on one connection, and no way to end the transaction."""

    def joined(self) -> AbstractContextManager[None]:
        """Send what is added inside as one statement at its end; nobody inside reads what was added there."""
        return joined(self.connection)


class Store:
    """The registry's database: a piece of work runs as one transaction or not at all.

    ``work`` may run more than once, so it changes nothing but the database. After a crash or the loss of the
    connection: before COMMIT nothing is kept; during COMMIT the outcome is unknown, ``write`` does not run the work
    again and refuses with UNAVAILABLE, and the sender's repetition finds the answer stored under its Idempotency-Key,
    or nothing, in the same transaction as all the rest. The same holds for a database that says nothing for
    ``patience`` seconds: its connection is closed. ``jitter`` gives numbers from 0 to 1 that spread the pauses of
    several workers: hand in ``random.random``.
    """

    def __init__(
        self,
        engines: Engines,
        *,
        jitter: Callable[[], float] = lambda: 1.0,
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
        patience: float = PATIENT_TIMES * REQUEST_SECONDS,
    ) -> None:
        self._engines = engines
        self._sleep = sleep
        self._jitter = jitter
        self._attempts = attempts
        self._health = WriteHealth()
        self.patience = Patience(patience)

    def within(self, seconds: float) -> Self:
        """Return the same store with another patience: a request's sender does not wait as long as a worker may."""
        store = copy(self)
        store.patience = self.patience.within(seconds)
        return store

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction and commit it; an error of ``work`` rolls it back and is raised again."""
        result = self._retried(lambda seconds: self._write_once(work, seconds))
        self._health.kept()
        return result

    def takes_writes(self) -> bool:
        """Tell whether the database has room, by the last write or else by a test write.

        Raises Refusal UNAVAILABLE when it does not answer.
        """
        if not self._health.is_known:
            try:
                self._retried(lambda seconds: self._write_once(lambda tx: tx.rounds.touch(), seconds))
                self._health.kept(probe=True)
            except Refusal:
                if not self._health.is_full:
                    raise
        return not self._health.is_full

    def answered_within(self, seconds: float) -> bool:
        """Tell whether the database took or refused a write of this process within the last so many seconds."""
        return self._health.answered_within(seconds)

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` on the read engine. On PostgreSQL each statement sees what was committed when it began."""
        return self._retried(lambda seconds: self._read_once(work, seconds))

    def ping(self) -> None:
        """Reach the database or refuse with UNAVAILABLE."""
        self._retried(self._ping_once)

    def after_fork(self) -> None:
        """Call it in each forked worker, before its first transaction."""
        self._engines.after_fork()

    def close(self) -> None:
        self._engines.close()

    def _retried(self, once: Callable[[float], T]) -> T:
        wait = self.patience.begin()
        for attempt in range(self._attempts):
            try:
                return once(wait.left())
            except DBAPIError as error:
                fault, text = fault_of(error), told(self._engines.write.url, error)
            except Overtaken:
                fault, text = Fault.RETRY, "another transaction was first"
            except (PoolTimeout, GateTimeout):
                raise Refusal(Problem.UNAVAILABLE, detail="the database is busy") from None
            if fault is Fault.MISTAKE:
                _log.error("transaction failed: %s", text)
                raise StoreFailure(text)
            if fault is Fault.FULL:
                self._health.refused()
            _log.warning("transaction failed on attempt %d: %s", attempt + 1, text)
            if fault not in _RETRIED or wait.is_over():
                break
            self._sleep(self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))
        raise Refusal(Problem.UNAVAILABLE, detail="the database cannot answer now")

    def _write_once(self, work: Callable[[Transaction], T], seconds: float) -> T:
        with _turn(self._engines), self._engines.write.connect() as connection:
            bound_waits(connection, seconds)
            transaction = connection.begin()
            try:
                result = work(Transaction(connection))
            except BaseException:
                transaction.rollback()
                raise
            _commit(connection, transaction)
            return result

    def _read_once(self, work: Callable[[Transaction], T], seconds: float) -> T:
        with self._engines.read.connect() as connection:
            bound_waits(connection, seconds)
            connection.begin()  # closing the connection rolls back
            return work(Transaction(connection))

    def _ping_once(self, seconds: float) -> None:
        with self._engines.read.connect() as connection:
            bound_waits(connection, seconds)
            connection.execute(sa.select(1))


@contextmanager
def exclusive(engines: Engines) -> Iterator[Connection]:
    """Open a transaction for schema changes, one at a time among all processes; commits unless an error is raised."""
    with opening(engines.write), _turn(engines), engines.write.begin() as connection:
        bound_waits(connection, None)
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        yield connection


@contextmanager
def looking(engines: Engines) -> Iterator[Connection]:
    """Open a connection that only reads, for upkeep that no repository serves."""
    with opening(engines.read), engines.read.connect() as connection:
        yield connection


def _turn(engines: Engines) -> AbstractContextManager[None]:
    return nullcontext() if engines.gate is None else engines.gate.turn()


def _commit(connection: Connection, transaction: sa.RootTransaction) -> None:
    notes = connection.connection.info
    notes.pop(LATE_WARNING, None)
    try:
        transaction.commit()
    except DBAPIError as error:
        if fault_of(error) is Fault.LOST:
            raise OutcomeUnknown from None
        transaction.rollback()
        raise
    if notes.pop(LATE_WARNING, False):
        raise OutcomeUnknown
