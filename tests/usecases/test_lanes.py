"""Everybody gets one turn after another; whoever is slow waits with the slow ones, and comes back when it is quick."""

import threading
import time

import pytest

from registry.work.lanes import LaneRules, Lanes, LanesBroken, Turn

ONE_EACH = LaneRules(fast_threads=1, fast_seconds=2, slow_threads=1, slow_seconds=10)


def test_turns_go_round_about_whatever_somebody_has_piled_up() -> None:
    left = {"a": 3, "b": 2, "c": 1}
    order: list[str] = []

    def take_turn(key: str, _seconds: float) -> Turn:
        order.append(key)
        left[key] -= 1
        return Turn(more=left[key] > 0)

    with Lanes(take_turn, ONE_EACH) as lanes:
        lanes.offer(["a", "b", "c"])
        lanes.wait()
    assert "".join(order) == "abcaba"


def test_who_was_slow_goes_on_with_the_slow_ones_until_it_is_quick_again() -> None:
    given: list[tuple[str, float]] = []
    takes = {"slow": [2.0, 9.0, 0.1, 0.1], "quick": [0.1]}

    def take_turn(key: str, seconds: float) -> Turn:
        given.append((key, seconds))
        return Turn(seconds=takes[key].pop(0), more=bool(takes[key]))

    with Lanes(take_turn, ONE_EACH) as lanes:
        lanes.offer(["slow", "quick"])
        lanes.wait()
    assert [seconds for key, seconds in given if key == "slow"] == [2, 10, 10, 2]
    assert ("quick", 2) in given


def test_no_number_of_hanging_ones_in_the_slow_lane_keeps_anybody_waiting_in_the_other() -> None:
    hang, begun = threading.Event(), threading.Barrier(3)
    done = threading.Event()

    def take_turn(key: str, seconds: float) -> Turn:
        if key == "quick":
            done.set()
        elif seconds == ONE_EACH.fast_seconds:
            return Turn(seconds=2.0, more=True)
        else:
            begun.wait(10)
            hang.wait(10)
        return Turn()

    with Lanes(take_turn, LaneRules(fast_threads=1, slow_threads=2, fast_seconds=2)) as lanes:
        lanes.offer(["one", "two", "three", "four"])
        begun.wait(10)
        lanes.offer(["quick"])
        assert done.wait(10)
        assert lanes.busy() == {"one", "two", "three", "four"}
        hang.set()


def test_nobody_has_two_turns_at_once() -> None:
    running = threading.Lock()

    def take_turn(_key: str, _seconds: float) -> Turn:
        assert running.acquire(blocking=False)
        time.sleep(0.01)
        running.release()
        return Turn()

    with Lanes(take_turn, LaneRules()) as lanes:
        for _ in range(5):
            lanes.offer(["a", "a"])
        lanes.wait()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_in_a_turn_is_told_and_ends_the_lanes() -> None:
    def take_turn(_key: str, _seconds: float) -> Turn:
        raise ZeroDivisionError

    with Lanes(take_turn, ONE_EACH) as lanes:
        lanes.offer(["a"])
        with pytest.raises(LanesBroken):
            lanes.wait()
        with pytest.raises(LanesBroken):
            lanes.offer(["b"])


def test_the_end_does_not_wait_for_who_hangs() -> None:
    hang = threading.Event()
    rules = LaneRules(fast_seconds=0.1, fast_threads=1, slow_threads=1)
    hanging: Lanes[str] = Lanes(lambda _key, _seconds: Turn(more=hang.wait(20)), rules)
    with hanging as lanes:
        lanes.offer(["a"])
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    hang.set()
