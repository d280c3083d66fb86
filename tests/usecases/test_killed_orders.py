"""A registry that is killed at any step of an order loses nothing of it and counts nothing twice."""

import signal
import time

import pytest

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.store.activations import activation
from registry.store.inquiries import inquiry
from registry.store.rechecks import recheck
from tests.support.counting import rows_of
from tests.support.mass import logged
from tests.support.world import World
from tests.usecases.log.killing import killer
from tests.usecases.order_killing import secrets_of, take_order

PATIENCE = 100
KINDS = (EntryKind.INQUIRY, EntryKind.INQUIRY_RECHECKED, EntryKind.ACTIVATION)


def goes_on(world: World, number: int) -> object:
    """Send every step again; the database may take a moment to notice that the other process has died."""
    for _ in range(PATIENCE):
        try:
            return take_order(world, number)
        except Refusal as refusal:
            if refusal.problem is not Problem.IN_FLIGHT:
                raise
            time.sleep(0.05)
    raise AssertionError("the dead process still holds the order")


@pytest.mark.parametrize("part", range(2))
def test_killed_at_every_step_an_order_is_told_once(world: World, founded_url: str, part: int) -> None:
    orders = 2
    with killer("tests.usecases.order_killing", founded_url, secrets_of(world)) as killed:
        killed(0, 0)  # makes the keys of the handles
        whole = killed(0, 1_000)
        assert (whole["signal"], whole["name"]) == (0, "end")
        for step in range(1 + part, whole["step"] + 1, 2):
            died = killed(step, step)
            assert (died["signal"], died["step"]) == (signal.SIGKILL, step)
            assert goes_on(world, step) == goes_on(world, step)
            orders += 1
    assert orders > 20
    assert rows_of(world, inquiry, recheck, activation) == (orders, orders, orders)
    assert [len(logged(world, kind)) for kind in KINDS] == [orders] * 3
