"""Runs every scheduled step that is due, round after round, until it is stopped."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from protocol.problems import Refusal
from registry.domain.rounds import Loop
from registry.usecases.archive.forget_subjects import forget_subjects, forget_ways
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.run_expiry import run_expiry
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.attestations.run import end_attestations, tell_endings
from registry.usecases.collected.run import run_collected
from registry.usecases.context import Registry
from registry.usecases.deposits.remind import remind_deposits
from registry.usecases.disputes.remind import remind_disputes
from registry.usecases.disputes.run import run_disputes
from registry.usecases.forget import forget_nonces, forget_statements
from registry.usecases.plans.run import break_plans
from registry.usecases.records.run import enforce_due
from registry.usecases.transfers.run import lapse_transfers
from registry.work.alarms import Alarms
from registry.work.clock_round import Leave, leave_for_a_round
from registry.work.rounds import RoundBook

_LOG = logging.getLogger("clearline.worker")
_BATCH = 500
_HEAVY_BATCH = 200
"""The batch of steps with ten statements an item, so that one transaction holds its locks briefly."""
_REMINDERS = (remind_disputes, remind_deposits, tell_endings)
_LAPSES = (run_collected, lapse_transfers, end_attestations)
"""The steps of a day that is over, which hang on no record's state."""
_ENDINGS = (
    ("expire", run_expiry, _HEAVY_BATCH),
    ("seal", seal_records, 40),
    ("purge", purge_records, _HEAVY_BATCH),
    ("forget", forget_subjects, _BATCH),
    ("forget ways", forget_ways, _BATCH),
    ("age", run_retention, 1_000),
)
"""The kind of work as ``Leave`` names it, the step, and its batch."""


class WorkEnded(Exception):
    """A background thread ended although it was not stopped; the message names it."""


def tick(registry: Registry) -> int:
    """Run one round of all due steps; returns the number of PENDING records that moved on. Catches up after a pause."""
    return run_round(registry, Alarms(registry.clock))[0]


def run_round(registry: Registry, alarms: Alarms) -> tuple[int, Leave]:
    """Do as ``tick``, and return the round's leave too.

    With a clock in doubt nothing is dated; after a long outage only reminders go out until a person confirms the time.
    """
    leave = leave_for_a_round(registry)
    alarms.tell(leave.alarms())
    moved = 0
    while leave.may("list"):
        done = enforce_due(registry, _BATCH)
        moved += done
        if done < _BATCH:
            break
    while leave.may("lift") and run_disputes(registry, _HEAVY_BATCH) >= _HEAVY_BATCH:
        pass
    for remind in _REMINDERS:
        while leave.acts and remind(registry, _BATCH) >= _BATCH:
            pass
    while leave.may("list") and break_plans(registry, _HEAVY_BATCH):
        pass
    for lapse in _LAPSES:
        while leave.ends and lapse(registry, _BATCH):
            pass
    if leave.ends:
        end_what_is_over(registry, leave)
        forget_nonces(registry)
        forget_statements(registry)
    return moved, leave


def end_what_is_over(registry: Registry, leave: Leave | None = None) -> None:
    """Expire, seal, purge and drop by age, in the order in which one step makes the next due."""
    leave = leave_for_a_round(registry) if leave is None else leave
    for kind, step, limit in _ENDINGS:
        while leave.may(kind) and step(registry, limit):
            pass


def run(registry: Registry, stop: threading.Event, interval_seconds: float) -> None:
    """Tick until ``stop`` is set. A round that the database refuses is logged and tried again at the next one."""
    book = RoundBook(registry, Loop.CLOCK, interval_seconds)
    alarms = Alarms(registry.clock)
    while not stop.is_set():
        try:
            moved, leave = run_round(registry, alarms)
        except Refusal as refusal:
            _LOG.warning("worker round refused: %s", refusal.problem.value.name)
        else:
            codes = {code for code, _ in leave.alarms()}
            if leave.ends:
                book.finished(codes)
            else:
                book.held(codes)
            if moved:
                _LOG.info("waiting records moved on: %d", moved)
        stop.wait(interval_seconds)


@contextmanager
def beside(stop: threading.Event, works: Mapping[str, Callable[[], None]]) -> Iterator[None]:
    """Run each of ``works`` in a thread of its own; at the end set ``stop``, and wait for them.

    A thread that ends before that has met a bug, which its own traceback shows. Then all threads stop, and WorkEnded
    is raised, so that the process fails and its supervisor starts it again.
    """
    ended: list[str] = []

    def run_named(name: str, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            if not stop.is_set():
                ended.append(name)
                stop.set()

    threads = [threading.Thread(target=run_named, args=each, name=each[0]) for each in works.items()]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if ended:
        raise WorkEnded(f"ended by itself: {', '.join(sorted(ended))}")
