"""The registry's clock: runs everything that is due, again and again, until it is stopped."""

import logging
import threading

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

_LOG = logging.getLogger("clearline.worker")
_BATCH = 500
_ENDINGS = (
    (run_expiry, _BATCH),
    (seal_records, 100),
    (purge_records, _BATCH),
    (forget_subjects, _BATCH),
    (run_retention, 1_000),
)


def tick(registry: Registry) -> int:
    """One round of everything that is due now; returns how many PENDING records moved on. Catches up after a pause."""
    moved = 0
    while True:
        done = enforce_due(registry, _BATCH)
        moved += done
        if done < _BATCH:
            break
    while run_disputes(registry, _BATCH) >= _BATCH:
        pass
    while remind_disputes(registry, _BATCH) >= _BATCH:
        pass
    while break_plans(registry, _BATCH):
        pass
    while run_collections(registry, _BATCH):
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
