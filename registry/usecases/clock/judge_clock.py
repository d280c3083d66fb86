"""Judges the registry's clock now; each round and each signed request begins with this."""

import datetime as dt

from protocol.problems import Problem, Refusal
from registry.policy.clock import ClockState, Judgement, words
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def judge_clock(registry: Registry) -> Judgement:
    """Judge the clock now; store a trusted reading from time to time, and an outage when it is found.

    An outage lasts until a person confirms the time: serving requests does not end it.
    """
    now = registry.clock()
    found = registry.guard.glance(now) or registry.store.read(lambda tx: registry.guard.look(tx, now))
    if found.state is ClockState.TRUSTED and (reading := registry.guard.reading_to_keep(now)) is not None:

        def keep(tx: Transaction) -> None:
            # Check inside the transaction: a confirmation may have come in between.
            if tx.clock.last_number() == registry.guard.confirmed:
                tx.clock.keep_reading(reading)

        registry.store.write(keep)
    if found.is_new:
        registry.store.write(lambda tx: tx.clock.find_outage(now))
    return found


def require_clock(registry: Registry) -> None:
    """Raise Refusal CLOCK_NOT_TRUSTED unless an act may be dated with the clock."""
    _require(judge_clock(registry))


def require_clock_in(registry: Registry, tx: Transaction, now: dt.datetime) -> None:
    """Do as ``require_clock`` inside a transaction, which also stores an outage that it finds."""
    found = registry.guard.glance(now) or registry.guard.look(tx, now)
    _require(found)
    if found.is_new:
        tx.clock.find_outage(now)


def require_endings_in(registry: Registry, tx: Transaction, now: dt.datetime) -> None:
    """Raise Refusal CLOCK_NOT_TRUSTED unless the clock may end anything: a stored end cannot be undone."""
    found = registry.guard.glance(now) or registry.guard.look(tx, now)
    if not found.ends:
        raise Refusal(Problem.CLOCK_NOT_TRUSTED, detail=words(found))


def _require(found: Judgement) -> None:
    if not found.acts:
        raise Refusal(Problem.CLOCK_NOT_TRUSTED, detail=words(found))
