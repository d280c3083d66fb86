"""The registry's clock: runs everything that is due, again and again, until it is stopped."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from protocol.problems import Refusal
from registry.usecases.collections.run_collections import run_collections
from registry.usecases.context import Registry
from registry.usecases.disputes.remind_disputes import remind_disputes
from registry.usecases.disputes.run_disputes import run_disputes
from registry.usecases.endings.forget_subjects import forget_subjects
from registry.usecases.endings.purge_records import purge_records
from registry.usecases.endings.run_expiry import run_expiry
from registry.usecases.endings.run_retention import run_retention
from registry.usecases.endings.seal_records import seal_records
from registry.usecases.forget import forget_nonces, forget_statements
from registry.usecases.money.break_plans import break_plans
from registry.usecases.reports.enforce_due import enforce_due
from registry.usecases.transfers.lapse_transfers import lapse_transfers

_LOG = logging.getLogger("clearline.worker")
_BATCH = 500
_HEAVY_BATCH = 200
"""Of what takes ten statements each: nobody waits long for the locks of one transaction."""
_ENDINGS = (
    (run_expiry, _HEAVY_BATCH),
    (seal_records, 40),
    (purge_records, _HEAVY_BATCH),
    (forget_subjects, _BATCH),
    (run_retention, 1_000),
)


class WorkEnded(Exception):
    """Work beside the clock ended although nobody stopped it; the message names the work."""


def tick(registry: Registry) -> int:
    """One round of everything that is due now; returns how many PENDING records moved on. Catches up after a pause."""
    moved = 0
    while True:
        done = enforce_due(registry, _BATCH)
        moved += done
        if done < _BATCH:
            break
    while run_disputes(registry, _HEAVY_BATCH) >= _HEAVY_BATCH:
        pass
    while remind_disputes(registry, _BATCH) >= _BATCH:
        pass
    while break_plans(registry, _HEAVY_BATCH):
        pass
    while run_collections(registry, _BATCH):
        pass
    while lapse_transfers(registry, _BATCH):
        pass
    end_what_is_over(registry)
    forget_nonces(registry)
    forget_statements(registry)
    return moved


def end_what_is_over(registry: Registry) -> None:
    """Expiry, sealing, purge, and what is dropped by its age, in the order in which one makes the next due."""
    for step, limit in _ENDINGS:
        while step(registry, limit):
            pass


def run(registry: Registry, stop: threading.Event, interval_seconds: float) -> None:
    """Tick until ``stop`` is set. A round that the database refuses is logged and tried again at the next one."""
    while not stop.is_set():
        try:
            moved = tick(registry)
        except Refusal as refusal:
            _LOG.warning("worker round refused: %s", refusal.problem.value.name)
        else:
            if moved:
                _LOG.info("waiting records moved on: %d", moved)
        stop.wait(interval_seconds)


@contextmanager
def beside(stop: threading.Event, works: Mapping[str, Callable[[], None]]) -> Iterator[None]:
    """Run each of ``works`` in a thread of its own; at the end set ``stop``, and wait for them.

    Work that ends before that has met a mistake of ours, which the thread's own traceback tells. Then everything
    stops, and WorkEnded is raised: whoever runs the process sees it fail and starts it again.
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
