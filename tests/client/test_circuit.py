"""A circuit opens after five misses in a row, spares everybody five seconds, and closes with the next answer."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.circuit import Circuit, CircuitRules
from client.deadline import Deadline
from client.lifeline import CircuitOpen, Lifeline, PeerState
from client.sending import PeerSilent

STEPS = st.lists(st.tuples(st.sampled_from(["call", "answer", "miss"]), st.floats(0, 6)), max_size=40)


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Said:
    status: int = 200


@given(STEPS)
def test_whatever_happens_an_answer_closes_it_and_it_is_never_shut_for_longer_than_its_time(
    steps: list[tuple[str, float]],
) -> None:
    circuit, now = Circuit(), 0.0
    for what, passed in steps:
        now += passed
        match what:
            case "call" if circuit.lets_through(now):
                was_open = circuit.open_until is not None
                circuit = circuit.begun(now)
                assert circuit.lets_through(now) is not was_open  # one trial at a time
            case "answer":
                circuit = circuit.answered()
                assert circuit.lets_through(now)
            case "miss":
                circuit = circuit.missed(now)
            case _:
                pass
        assert circuit.lets_through(now + circuit.rules.open_seconds)
        assert len(circuit.misses) <= circuit.rules.misses


@given(st.lists(st.floats(0, 20), min_size=1, max_size=30))
def test_it_opens_exactly_when_the_last_five_misses_lie_within_ten_seconds(pauses: list[float]) -> None:
    circuit, now, misses = Circuit(), 0.0, list[float]()
    for pause in pauses:
        now += pause
        misses.append(now)
        circuit = circuit.missed(now)
        within = [at for at in misses if now - at < circuit.rules.within_seconds]
        assert (circuit.open_until is not None) is (len(within) >= circuit.rules.misses)
        if circuit.open_until is not None:
            return


def test_one_trial_goes_through_an_open_circuit_and_a_trial_that_died_holds_up_nobody_for_long() -> None:
    circuit = Circuit(rules=CircuitRules(misses=1)).missed(0.0)
    assert [circuit.lets_through(at) for at in (0.0, 4.9, 5.0)] == [False, False, True]
    tried = circuit.begun(5.0)
    assert [tried.lets_through(at) for at in (5.0, 9.9, 10.0)] == [False, False, True]
    assert tried.missed(6.5).lets_through(10.0)
    assert tried.answered() == Circuit(rules=CircuitRules(misses=1))


def silent() -> Said:
    raise PeerSilent("no answer in time")


def test_a_lifeline_makes_no_call_while_its_circuit_is_open_and_tells_how_the_last_one_went() -> None:
    clock = Clock()
    line = Lifeline(clock, CircuitRules(misses=2))
    assert (line.state, line.silent_seconds()) == (PeerState.UNREACHABLE, None)
    assert line.call(Said, None) == Said()
    assert (line.state, line.silent_seconds()) == (PeerState.OK, 0)
    for _ in range(2):
        with pytest.raises(PeerSilent, match="in time"):
            line.call(silent, None)
    assert (line.state, line.lets_through) == (PeerState.UNREACHABLE, False)
    with pytest.raises(CircuitOpen):
        line.call(Said, None)
    assert line.call(Said, None, is_trial=True) == Said()
    assert line.lets_through
    for _ in range(2):
        with pytest.raises(PeerSilent, match="in time"):
            line.call(silent, None)
    clock.now += 5
    assert line.lets_through
    line.call(Said, None)
    assert (line.state, line.lets_through) == (PeerState.OK, True)


def test_an_answer_after_a_second_is_slow_and_one_of_503_is_of_no_use() -> None:
    clock = Clock()
    line = Lifeline(clock)

    def slowly() -> Said:
        clock.now += 1.1
        return Said()

    states = []
    for send in (slowly, lambda: Said(503), Said):
        line.call(send, None)
        states.append(line.state)
    assert states == [PeerState.SLOW, PeerState.UNREACHABLE, PeerState.OK]


def test_a_call_that_was_given_almost_no_time_says_nothing_about_the_peer() -> None:
    clock = Clock()
    line = Lifeline(clock, CircuitRules(misses=1))
    line.call(Said, None)

    def too_late() -> Said:
        clock.now += 0.5
        return silent()

    with pytest.raises(PeerSilent):
        line.call(too_late, Deadline.after(0.5, clock))
    assert (line.state, line.lets_through) == (PeerState.OK, True)
    with pytest.raises(PeerSilent):
        line.call(silent, Deadline.after(0.5, clock))  # refused at once
    assert (line.state, line.lets_through) == (PeerState.UNREACHABLE, False)
