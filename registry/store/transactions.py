"""Begin, commit, roll back and retry transactions; no other module does."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from typing import Final, Generic, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from protocol.problems import Problem, Refusal
from registry.domain.patience import PATIENT_TIMES, REQUEST_SECONDS
from registry.store.accounts import Accounts
from registry.store.archive import Archive
from registry.store.arrivals import Arrivals
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
from registry.store.errors import Fault, OutcomeUnknown, Overtaken, StoreFailure, fault_of
from registry.store.events import Events
from registry.store.evidence import Evidence
from registry.store.households import Households
from registry.store.idempotency import Idempotency
from registry.store.idle_subjects import IdleSubjects
from registry.store.inquiries import Inquiries
from registry.store.inquiry_hits import InquiryHits
from registry.store.joined import joined
from registry.store.log.naming import Naming
from registry.store.log.openings import Openings
from registry.store.log.pending import Pending
from registry.store.log.personal import Personal
from registry.store.log.trees import Trees
from registry.store.log.witnesses import Witnesses
from registry.store.papers import Papers
from registry.store.participants import Participants
from registry.store.partitions import Partitions
from registry.store.people import People
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
from registry.store.silence import Patience, bound_waits
from registry.store.statements import Statements
from registry.store.subjects import Subjects
from registry.store.take_outs import TakeOuts
from registry.store.tallies import Tallies
from registry.store.transfers import Transfers
from registry.store.transitions import Transitions
from registry.store.upkeep import Upkeep
from registry.store.victim_markers import VictimMarkers
from registry.store.webhooks import Webhooks
from registry.store.weighing import Weighing
from registry.store.write_gate import GateTimeout
from registry.store.write_health import WriteHealth

T = TypeVar("T")
R = TypeVar("R", bound=Repository)

_log: Final = logging.getLogger(__name__)

ATTEMPTS: Final = 8
_FIRST_PAUSE: Final = 0.01
_LONGEST_PAUSE: Final = 1.0
_RETRIED: Final = frozenset({Fault.RETRY, Fault.LOST})
_SCHEMA_LOCK: Final = 0x636C656172  # "clear" in ASCII: any number that no other program locks


class _Used(Generic[R]):
    """A repository that is built at its first use; from then on the transaction has it under its name.

    Not ``cached_property``, which takes a lock on Python 3.11: that costs more than to build a repository.
    """

    def __init__(self, build: Callable[[Connection], R]) -> None:
        self._build = build

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, transaction: "Transaction", owner: type) -> R:
        repository = transaction.__dict__[self._name] = self._build(transaction.connection)
        return repository


class Transaction:
    """Offers a use case the repositories on one connection, and no way to end the transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def joined(self) -> AbstractContextManager[None]:
        """Send what is added inside as one statement at its end; nobody inside reads what was added there."""
        return joined(self.connection)

    accounts = _Used(Accounts)
    archive = _Used(Archive)
    arrivals = _Used(Arrivals)
    batches = _Used(Batches)
    clearances = _Used(Clearances)
    clock = _Used(Clock)
    collected = _Used(Collected)
    creditor_terms = _Used(CreditorTerms)
    disassociations = _Used(Disassociations)
    disputes = _Used(Disputes)
    due_work = _Used(DueWork)
    epochs = _Used(Epochs)
    events = _Used(Events)
    evidence = _Used(Evidence)
    households = _Used(Households)
    idempotency = _Used(Idempotency)
    idle_subjects = _Used(IdleSubjects)
    inquiries = _Used(Inquiries)
    inquiry_hits = _Used(InquiryHits)
    naming = _Used(Naming)
    openings = _Used(Openings)
    papers = _Used(Papers)
    participants = _Used(Participants)
    partitions = _Used(Partitions)
    pending = _Used(Pending)
    people = _Used(People)
    personal = _Used(Personal)
    plans = _Used(Plans)
    quotes = _Used(Quotes)
    record_rows = _Used(RecordRows)
    records = _Used(Records)
    red_list = _Used(RedList)
    requests = _Used(Requests)
    restores = _Used(Restores)
    retention = _Used(Retention)
    reversals = _Used(Reversals)
    rounds = _Used(Rounds)
    rules = _Used(Rules)
    settlements = _Used(Settlements)
    statements = _Used(Statements)
    subjects = _Used(Subjects)
    take_outs = _Used(TakeOuts)
    tallies = _Used(Tallies)
    transfers = _Used(Transfers)
    transitions = _Used(Transitions)
    trees = _Used(Trees)
    upkeep = _Used(Upkeep)
    victim_markers = _Used(VictimMarkers)
    webhooks = _Used(Webhooks)
    weighing = _Used(Weighing)
    witnesses = _Used(Witnesses)


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
