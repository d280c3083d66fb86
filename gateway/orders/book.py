"""The file of orders: one SQLite file that leads from an order's reference to its tokens and to what was reported.

**It is written before an answer is given.** A check whose token could not be kept (a full disk, say) is answered all
the same, and says so: the decision stands at the registry, and to hold it back would refuse an applicant for our own
disk. A report is refused then, before anything is sent: it can wait for weeks, and without its note a repetition
could say something else than the first call did. ``takes_writes`` is behind the alarm in ``/readyz``.

**If we die** after a report was noted and before its answer was, the same call finds the note and sends the same report
once more, under the same time and token; the registry gives its first answer. That note is on the disk before anything
is sent. A token is written without waiting for the disk, which would cost a check some milliseconds: it survives the
process, and a power cut may take those of the last moments, whose orders are asked about again. Rows are removed by
whoever writes, some at a time.
"""

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from client.deadline import Deadline
from gateway.errors import OrdersUnusable
from gateway.orders import statements
from gateway.orders.rows import decision_of, decision_row, key_of, number, report_of, unreported_of
from gateway.orders.values import (
    DECISION_KEPT,
    DEPOSIT_KEPT,
    REPORTED_KEPT,
    KeptDecision,
    Plan,
    Reported,
    Taken,
    Unreported,
    Wish,
    before,
    choose_decision,
    done_at,
    next_revision,
)
from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.messages.activations import MOST_REVISIONS
from serving.files import guard_database

_BUSY_SECONDS: Final = 10.0
"""The wait for a turn among threads, and then among processes, where nobody names a deadline."""
_LEAST_SECONDS: Final = 0.2
"""So long each of these waits may last beyond a deadline: a token is worth a moment."""
_AT_ONCE: Final = Deadline(until=0.0, monotonic=lambda: 0.0)
_BUSY: Final = "SQLITE_BUSY"


class OrderBook:
    """The file of orders, for any number of threads and processes. It is opened at its first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def keep(self, decisions: Sequence[KeptDecision], *, now: dt.datetime, deadline: Deadline | None = None) -> None:
        """Keep the answers of the registry about some orders; raises OrdersUnusable, and then none is kept."""
        with self._writing(now, deadline=deadline) as connection:
            connection.executemany(statements.KEEP, map(decision_row, decisions))

    def newest(
        self, order: bytes, service_class: ServiceClass | None = None, *, deadline: Deadline | None = None
    ) -> KeptDecision | None:
        """Return the newest decision on an order, of one service where it is named; None where none is kept."""
        found = [each for each in self.decisions(order, deadline) if service_class in (None, each.service_class)]
        return max(found, key=lambda each: (each.decided_at, each.inquiry_id), default=None)

    def decisions(self, order: bytes, deadline: Deadline | None = None) -> list[KeptDecision]:
        """Return every decision on an order that is kept."""
        with self._reading(deadline) as connection:
            return [decision_of(order, row) for row in connection.execute(statements.DECISIONS, (order,))]

    def last_report(self, order: bytes, part: int) -> Reported | None:
        """Return the newest revision of a part that the registry has."""
        with self._reading() as connection:
            known = [report_of(row) for row in connection.execute(statements.REPORTS, (order, part))]
        return before(known, MOST_REVISIONS + 1)

    def deposit_of(self, order: bytes, part: int) -> UUID | None:
        """Return the id of the newest report that a deposit was taken for a part; None where none is known."""
        with self._reading() as connection:
            row = connection.execute(statements.DEPOSIT, (order, part)).fetchone()
            return None if row is None else UUID(bytes=row[0])

    def keep_answered(self, answer_id: UUID, items: str, *, now: dt.datetime, deadline: Deadline | None = None) -> None:
        """Keep the codes of an answer to another system, as long as its decisions are kept."""
        with self._writing(now, deadline=deadline) as connection:
            connection.execute(statements.KEEP_ANSWERED, (answer_id.bytes, items, number(now + DECISION_KEPT)))

    def answered(self, answer_id: UUID) -> str | None:
        """Return the codes of an answer; None where none is kept."""
        with self._reading() as connection:
            row = connection.execute(statements.ANSWERED, (answer_id.bytes,)).fetchone()
            return None if row is None else str(row[0])

    def note_event(self, order: bytes, event: bytes, *, now: dt.datetime) -> None:
        """Note that an event about an order was told to the registry; ``event`` is its keyed reference."""
        with self._writing(now) as connection:
            connection.execute(statements.NOTE_EVENT, (order, event, number(now + REPORTED_KEPT)))

    def knows_event(self, order: bytes, event: bytes) -> bool:
        """Tell whether an event was told to the registry before."""
        with self._reading() as connection:
            return connection.execute(statements.EVENT, (order, event)).fetchone() is not None

    def plan(self, wishes: Sequence[Wish], *, now: dt.datetime) -> list[Plan]:
        """Note what is about to be reported, in order, in one commit; the same wish again gets the same plan."""
        with self._writing(now, synchronous="FULL") as connection:
            planned: dict[tuple[bytes, int], list[Reported]] = {}
            return [self._plan(connection, each, planned, now) for each in wishes]

    def note_taken(self, taken: Sequence[tuple[Plan, Taken]], *, now: dt.datetime) -> None:
        """Note that the registry has these reports; their decisions are kept as long as a correction may follow."""
        until = number(now + REPORTED_KEPT)
        with self._writing(now) as connection:
            for plan, word in taken:
                basis, activation_id = word.basis.value, word.activation_id.bytes
                is_deposit = plan.wish.outcome is ActivationOutcome.DEPOSIT_TAKEN
                kept = number(now + DEPOSIT_KEPT) if is_deposit else until
                connection.execute(statements.TAKE, (basis, activation_id, number(now), kept, *key_of(plan)))
                connection.execute(statements.KEEP_LONGER, (until, plan.wish.order))

    def note_another(self, others: Sequence[tuple[Plan, UUID | None]], *, now: dt.datetime) -> None:
        """Note that the registry has these revisions with another content; the plans stay, to be refused again."""
        until = number(now + REPORTED_KEPT)
        with self._writing(now) as connection:
            for plan, activation_id in others:
                values = {
                    "order_ref": plan.wish.order,
                    "part": plan.wish.part_number,
                    "revision": plan.revision,
                    "activation_id": None if activation_id is None else activation_id.bytes,
                    "taken_at": number(now),
                    "keep_until": until,
                }
                connection.execute(statements.TAKE_ANOTHER, values)
                connection.execute(statements.KEEP_LONGER, (until, plan.wish.order))

    def drop(self, refused: Sequence[Plan], *, now: dt.datetime) -> None:
        """Forget plans that the registry refused: they did not happen."""
        with self._writing(now) as connection:
            connection.executemany(statements.DROP, map(key_of, refused))

    def unreported(self) -> Iterator[Unreported]:
        """Yield the orders of which nothing was reported, the longest waiting first. It holds the lock meanwhile."""
        with self._reading() as connection:
            yield from map(unreported_of, connection.execute(statements.UNREPORTED))

    def takes_writes(self, *, now: dt.datetime) -> bool:
        """Tell whether a token could be kept now, by writing a probe row; a monitor waits for the answer."""
        try:
            with self._writing(now, deadline=_AT_ONCE) as connection:
                connection.execute(statements.PROBE)
        except OrdersUnusable:
            return False
        return True

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._shut()

    def _plan(
        self,
        connection: sqlite3.Connection,
        wish: Wish,
        planned: dict[tuple[bytes, int], list[Reported]],
        now: dt.datetime,
    ) -> Plan:
        """Plan one report. Those planned before it in the same call count as taken: they are sent before it."""
        place = wish.order, wish.part_number
        known = [report_of(row) for row in connection.execute(statements.REPORTS, place)]
        assumed = planned.setdefault(place, [])
        digest, seen = wish.digest(), [*known, *assumed]
        revision = next_revision(seen, digest) if wish.revision is None else wish.revision
        decisions = [decision_of(wish.order, row) for row in connection.execute(statements.DECISIONS, (wish.order,))]
        same = next((each for each in known if (each.revision, each.digest) == (revision, digest)), None)
        if same is not None:
            decision = next((each for each in decisions if _is_of(each, same)), None)
            plan = Plan(wish=wish, revision=revision, at=same.done_at or now, decision=decision, repeated=same.taken)
        else:
            decision = None if wish.unchecked else choose_decision(decisions, before(seen, revision), wish)
            at = done_at(wish, decision, now)
            plan = Plan(wish=wish, revision=revision, at=at, decision=decision, repeated=False)
        if not plan.can_be_sent:
            return plan
        inquiry_id = None if decision is None else decision.inquiry_id
        if same is None:
            shown = (None, None) if decision is None else (decision.inquiry_id.bytes, number(decision.decided_at))
            until = number(now + DECISION_KEPT)
            connection.execute(statements.NOTE, (*key_of(plan), wish.outcome.value, number(plan.at), *shown, until))
        assumed.append(
            Reported(revision=revision, digest=digest, taken=True, outcome=wish.outcome, inquiry_id=inquiry_id)
        )
        return plan

    @contextmanager
    def _turn(self, seconds: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=seconds):
            raise OrdersUnusable(self._path, _BUSY)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _reading(self, deadline: Deadline | None = None) -> Iterator[sqlite3.Connection]:
        with self._turn(_patience(deadline)):
            try:
                yield self._opened()
            except (sqlite3.Error, OSError) as trouble:
                raise OrdersUnusable(self._path, _reason(trouble)) from None

    @contextmanager
    def _writing(
        self, now: dt.datetime, *, synchronous: str = "NORMAL", deadline: Deadline | None = None
    ) -> Iterator[sqlite3.Connection]:
        # Begin IMMEDIATE: two processes that read first and then write would fail on the upgrade instead of waiting.
        with self._turn(_patience(deadline)):
            try:
                connection = self._opened()
                connection.execute(f"PRAGMA busy_timeout={round(_patience(deadline) * 1000)}")
                connection.execute(f"PRAGMA synchronous={synchronous}")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    for statement in statements.PRUNE:
                        connection.execute(statement, (number(now),))
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:  # also after a COMMIT that found no room
                        connection.execute("ROLLBACK")
            except (sqlite3.Error, OSError) as trouble:
                raise OrdersUnusable(self._path, _reason(trouble)) from None

    def _opened(self) -> sqlite3.Connection:
        """Open the file, or the one that was put in its place: a restored copy, say."""
        if self._connection is not None and self._file == _identity(self._path):
            return self._connection
        self._shut()
        guard_database(self._path)
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._file = connection, _identity(self._path)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > statements.VERSION:
            raise OrdersUnusable(self._path, "OF_A_LATER_RELEASE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA secure_delete=ON")  # a token that was removed is gone from the file
        connection.executescript(statements.SCHEMA)

    def _shut(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _reason(trouble: sqlite3.Error | OSError) -> str:
    return str(getattr(trouble, "sqlite_errorname", None) or type(trouble).__name__)


def _is_of(decision: KeptDecision, report: Reported) -> bool:
    return (decision.inquiry_id, decision.decided_at) == (report.inquiry_id, report.decided_at)


def _patience(deadline: Deadline | None) -> float:
    return _BUSY_SECONDS if deadline is None else max(_LEAST_SECONDS, deadline.left())
