"""A process's last look at its database: what it tells, and how long it counts."""

from dataclasses import replace

import pytest

from protocol.messages.service import Readiness
from registry.domain.patience import ASKED_SECONDS, LOOK_IDLE_SECONDS, LOOK_LOST_SECONDS, LOOK_SECONDS
from registry.usecases.pulse import Pulse

READY = Readiness(ready=True, alarms=(), log_behind_seconds=0, rounds=(), incarnation=1)
LATE = 5.0


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def pulse(clock: Time) -> Pulse:
    found = Pulse(clock)
    assert not found.is_taken
    found.looks(LATE)
    return found


def test_before_the_first_look_has_ended_nothing_is_known_and_nobody_is_refused(pulse: Pulse) -> None:
    assert (pulse.is_taken, pulse.ask(), pulse.is_silent) == (True, None, False)


def test_a_look_without_an_end_is_a_silence_until_one_ends(pulse: Pulse, clock: Time) -> None:
    told: list[bool] = []
    pulse.saw(READY)
    pulse.looks(LATE)
    for passed in (LATE, 0.1):
        clock.now += passed
        told.append(pulse.is_silent)
    for seen in (None, replace(READY, ready=False)):
        pulse.saw(seen)
        pulse.looks(LATE)
        told.append(pulse.is_silent)
    assert told == [False, True, True, False]


def test_a_database_that_refuses_quickly_is_no_silence(pulse: Pulse, clock: Time) -> None:
    clock.now += LATE - 1
    pulse.saw(None)
    assert (pulse.is_silent, pulse.ask()) == (False, None)


def test_a_look_that_came_late_and_was_answered_is_no_silence(pulse: Pulse, clock: Time) -> None:
    clock.now += LATE + 1
    pulse.saw(READY)
    assert (pulse.is_silent, pulse.ask()) == (False, READY)


def test_a_look_that_ended_long_ago_says_nothing_unless_another_is_under_way(pulse: Pulse, clock: Time) -> None:
    pulse.saw(READY)
    clock.now += LOOK_LOST_SECONDS
    assert pulse.ask() == READY
    clock.now += 0.1
    assert pulse.ask() is None
    pulse.looks(LATE)
    assert pulse.ask() == READY


def test_it_looks_once_a_second_while_somebody_asks_or_nobody_answers(pulse: Pulse, clock: Time) -> None:
    pulse.saw(READY)
    assert pulse.pause() == LOOK_IDLE_SECONDS
    pulse.ask()
    assert pulse.pause() == LOOK_SECONDS
    clock.now += ASKED_SECONDS
    assert pulse.pause() == LOOK_IDLE_SECONDS
    pulse.looks(LATE)
    pulse.saw(None)
    assert pulse.pause() == LOOK_SECONDS
