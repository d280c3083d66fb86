"""The one place that begins, commits, rolls back and tries again."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from protocol.problems import Problem, Refusal
from registry.store.accounts import Accounts
from registry.store.archive import Archive
from registry.store.batches import Batches
from registry.store.clearances import Clearances
from registry.store.clock import Clock
from registry.store.collected import Collected
from registry.store.creditor_terms import CreditorTerms
from registry.store.database_url import opening, told
from registry.store.disassociations import Disassociations
from registry.store.disputes import Disputes
from registry.store.due_work import DueWork
from registry.store.engines import LATE_WARNING, Engines
from registry.store.epochs import Epochs
from registry.store.errors import Fault, Overtaken, StoreFailure, fault_of
from registry.store.events import Events
from registry.store.evidence import Evidence
from registry.store.households import Households
from registry.store.idempotency import Idempotency
from registry.store.idle_subjects import IdleSubjects
from registry.store.inquiries import Inquiries
from registry.store.inquiry_hits import InquiryHits
from registry.store.log.openings import Openings
from registry.store.log.pending import Pending
from registry.store.log.trees import Trees
from registry.store.log.witnesses import Witnesses
from registry.store.papers import Papers
from registry.store.participants import Participants
from registry.store.partitions import Partitions
from registry.store.plans import Plans
from registry.store.quotes import Quotes
from registry.store.record_rows import RecordRows
from registry.store.records import Records
from registry.store.red_list import RedList
from registry.store.repository import Repository
from registry.store.requests import Requests
from registry.store.restores import Restores
from registry.store.retention import Retention
from registry.store.reversals import Reversals
from registry.store.rounds import Rounds
from registry.store.rules import Rules
from registry.store.settlements import Settlements
from registry.store.statements import Statements
from registry.store.subjects import Subjects
from registry.store.take_outs import TakeOuts
from registry.store.tallies import Tallies
from registry.store.transfers import Transfers
from registry.store.transitions import Transitions
from registry.store.upkeep import Upkeep
from registry.store.victim_markers import VictimMarkers
from registry.store.webhooks import Webhooks
from registry.store.write_gate import GateTimeout
from registry.store.write_health import WriteHealth

T = TypeVar("T")
R = TypeVar("R", bound=Repository)

_log: Final = logging.getLogger(__name__)

ATTEMPTS: Final = 8
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 1.0
_RETRIED: Final = frozenset({Fault.RETRY, Fault.LOST})
_SCHEMA_LOCK: Final = 0x636C656172  # "clear" in ASCII: any number that nobody else locks
_UNKNOWN: Final = "whether it was kept is not known; the same request with the same Idempotency-Key will tell"


def _used(repository: Callable[[Connection], R]) -> cached_property[R]:
    """A repository that is built when it is first used: an act needs few of them."""
    return cached_property(lambda transaction: repository(transaction.connection))


class Transaction:
    """Offers a use case the repositories on one connection, and no way to end what they do there."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    accounts = _used(Accounts)
    archive = _used(Archive)
    batches = _used(Batches)
    clearances = _used(Clearances)
    clock = _used(Clock)
    collected = _used(Collected)
    creditor_terms = _used(CreditorTerms)
    disassociations = _used(Disassociations)
    disputes = _used(Disputes)
    due_work = _used(DueWork)
    epochs = _used(Epochs)
    events = _used(Events)
    evidence = _used(Evidence)
    households = _used(Households)
    idempotency = _used(Idempotency)
    idle_subjects = _used(IdleSubjects)
    inquiries = _used(Inquiries)
    inquiry_hits = _used(InquiryHits)
    openings = _used(Openings)
    papers = _used(Papers)
    participants = _used(Participants)
    partitions = _used(Partitions)
    pending = _used(Pending)
    plans = _used(Plans)
    quotes = _used(Quotes)
    record_rows = _used(RecordRows)
    records = _used(Records)
    red_list = _used(RedList)
    requests = _used(Requests)
    restores = _used(Restores)
    retention = _used(Retention)
    reversals = _used(Reversals)
    rounds = _used(Rounds)
    rules = _used(Rules)
    settlements = _used(Settlements)
    statements = _used(Statements)
    subjects = _used(Subjects)
    take_outs = _used(TakeOuts)
    tallies = _used(Tallies)
    transfers = _used(Transfers)
    transitions = _used(Transitions)
    trees = _used(Trees)
    upkeep = _used(Upkeep)
    victim_markers = _used(VictimMarkers)
    webhooks = _used(Webhooks)
    witnesses = _used(Witnesses)


class _CommitUnknown(Exception):
    """The connection was lost, or the server warned, while COMMIT was on its way."""


class Store:
    """The registry's database: give it a piece of work, and it runs as one transaction or not at all.

    ``work`` may run more than once, so it changes nothing but the database. What holds when we die or lose the
    connection: before COMMIT nothing is kept; during COMMIT nobody knows, ``write`` does not run the work again and
    refuses with UNAVAILABLE, and the sender's repetition finds the answer stored under its Idempotency-Key, or
    nothing, in the same transaction as all the rest. ``jitter`` gives numbers from
    0 to 1 that spread the pauses of several workers: hand in ``random.random``.
    """

    def __init__(
        self,
        engines: Engines,
        *,
        jitter: Callable[[], float] = lambda: 1.0,
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._engines = engines
        self._sleep = sleep
        self._jitter = jitter
        self._attempts = attempts
        self._health = WriteHealth()

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one transaction and commit it; what ``work`` raises rolls it back and passes through."""
        result = self._retried(lambda: self._write_once(work))
        self._health.kept()
        return result

    def takes_writes(self) -> bool:
        """Whether the database has room, by what was last written or else by a write of no meaning.

        Raises Refusal UNAVAILABLE when it does not answer.
        """
        if not self._health.is_known:
            try:
                self._retried(lambda: self._write_once(lambda tx: tx.rounds.touch()))
                self._health.kept(probe=True)
            except Refusal:
                if not self._health.is_full:
                    raise
        return not self._health.is_full

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` on the read engine. On PostgreSQL each statement sees what was committed when it began."""
        return self._retried(lambda: self._read_once(work))

    def ping(self) -> None:
        """Reach the database or refuse with UNAVAILABLE."""
        self._retried(self._ping_once)

    def after_fork(self) -> None:
        """To be called in each forked worker, before its first transaction."""
        self._engines.after_fork()

    def close(self) -> None:
        self._engines.close()

    def _retried(self, once: Callable[[], T]) -> T:
        for attempt in range(self._attempts):
            try:
                return once()
            except DBAPIError as error:
                fault, text = fault_of(error), told(self._engines.write.url, error)
            except Overtaken:
                fault, text = Fault.RETRY, "another transaction was first"
            except (PoolTimeout, GateTimeout):
                raise Refusal(Problem.UNAVAILABLE, detail="the database is busy") from None
            except _CommitUnknown:
                raise Refusal(Problem.UNAVAILABLE, detail=_UNKNOWN) from None
            if fault is Fault.MISTAKE:
                raise StoreFailure(text)
            if fault is Fault.FULL:
                self._health.refused()
            _log.warning("transaction failed on attempt %d: %s", attempt + 1, text)
            if fault not in _RETRIED:
                break
            self._sleep(self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))
        raise Refusal(Problem.UNAVAILABLE, detail="the database cannot answer now")

    def _write_once(self, work: Callable[[Transaction], T]) -> T:
        with _turn(self._engines), self._engines.write.connect() as connection:
            transaction = connection.begin()
            try:
                result = work(Transaction(connection))
            except BaseException:
                transaction.rollback()
                raise
            _commit(connection, transaction)
            return result

    def _read_once(self, work: Callable[[Transaction], T]) -> T:
        with self._engines.read.connect() as connection:
            return work(Transaction(connection))

    def _ping_once(self) -> None:
        with self._engines.read.connect() as connection:
            connection.execute(sa.select(1))


@contextmanager
def exclusive(engines: Engines) -> Iterator[Connection]:
    """A transaction for changes of the schema, one at a time among all processes; committed unless something raises."""
    with opening(engines.write), _turn(engines), engines.write.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
        yield connection


@contextmanager
def looking(engines: Engines) -> Iterator[Connection]:
    """A connection that reads, for upkeep that no repository serves."""
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
            raise _CommitUnknown from None
        transaction.rollback()
        raise
    if notes.pop(LATE_WARNING, False):
        raise _CommitUnknown
