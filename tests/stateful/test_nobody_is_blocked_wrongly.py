"""Random people act for thousands of steps; after each, who is blocked is exactly who should be."""

import dataclasses
import datetime as dt
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from protocol.states import Action, RecordState
from registry.domain.life import EDGES
from registry.usecases.clock.confirm_clock import confirm_clock
from tests.stateful.machine import Carriers
from tests.stateful.steps import admit_judges
from tests.support.clocks import a_word
from tests.support.grade_audits import grades_from_the_beginning
from tests.support.sizes import FULL_SIZE
from tests.support.world import Clock, World, a_guard, found_world

NOT_WALKED = {
    # Five years would have to end within the weeks of a plan or of a late answer: told in test_endings.py instead.
    (RecordState.ARRANGED, Action.EXPIRE),
    (RecordState.SUSPENDED, Action.EXPIRE),
}
SIZES = [("sqlite", 100 if FULL_SIZE else 15, 50), ("postgres", 80 if FULL_SIZE else 3, 50)]


class PassingClock(Clock):
    """No two acts fall on one moment: which of two closings was the later one is told by their times."""

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(milliseconds=1)
        return self.now


WALKABLE = {
    (source.value, edge.target.value)
    for (source, action), edge in EDGES.items()
    if source is not RecordState.RECEIVED and (source, action) not in NOT_WALKED
}
_ROUNDS = 5 if FULL_SIZE else 2
_MAY_BE_LEFT_OUT = 8 if FULL_SIZE else len(WALKABLE) // 2
"""The usual run is a tenth of a full one: it need not come by the rarest edges."""


@pytest.mark.parametrize(("backend", "examples", "steps"), SIZES)
def test_nobody_is_blocked_who_should_not_be_and_nobody_slips_through(
    request: pytest.FixtureRequest, backend: str, examples: int, steps: int
) -> None:
    founded = found_world(request.getfixturevalue(f"{backend}_store"))
    admit_judges(founded)

    def make_world() -> World:
        # One database for all examples: under a pepper of its own each has people of its own.
        keys = dataclasses.replace(founded.registry.keys, peppers={1: os.urandom(32)})
        clock = PassingClock()
        registry = dataclasses.replace(founded.registry, keys=keys, clock=clock, guard=a_guard(clock))
        world = dataclasses.replace(founded, registry=registry, clock=clock)
        grades_from_the_beginning(world)
        # The example before this one went on for years: the operator says what time it is now.
        confirm_clock(world.registry, a_word(world, clock.now))
        return world

    walked: Counter[tuple[str, str]] = Counter()
    machine = type("Machine", (Carriers,), {"make_world": staticmethod(make_world), "walked": walked})
    left_out: set[tuple[str, str]] = set()
    chosen = request.config.option.hypothesis_seed
    for number in range(_ROUNDS if backend == "sqlite" else 1):
        run_state_machine_as_test(
            # The seed of a whole run would make all its rounds the same one.
            machine if chosen is None else seed(f"{chosen}/{number}")(machine),
            settings=settings(
                max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)
            ),
        )
        left_out = {edge for edge in WALKABLE if edge not in walked}
        # Chance may leave out the rarest, and now and then many more: then the people go on. A machine that leaves
        # them out all the same has stopped testing what it says.
        if len(left_out) <= _MAY_BE_LEFT_OUT:
            break
    if backend == "sqlite":
        assert len(left_out) <= _MAY_BE_LEFT_OUT, left_out
