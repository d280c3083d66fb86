"""Who waits together goes together: nobody waits for a timer, and nobody suffers from another's work."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from protocol.problems import Problem, Refusal
from registry.usecases.together import APART_SECONDS, MOST_OF_ONE, MOST_TOGETHER, Alone, Together

Outcome = str | Exception | Alone


@dataclass
class Counter:
    """A line, its work, and a gate that holds whoever is at work until it is opened."""

    now: float = 0.0
    groups: list[list[str]] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    fails: dict[str, Exception] = field(default_factory=dict)
    """What work raises alone, and in any group."""

    def __post_init__(self) -> None:
        self.line: Together[str, str] = Together(monotonic=lambda: self.now)

    def by_itself(self, work: str) -> str:
        self.alone.append(work)
        assert self.gate.wait(10)
        if work in self.fails:
            raise self.fails[work]
        return f"{work} alone"

    def in_group(self, works: Sequence[str]) -> list[Outcome]:
        self.groups.append(list(works))
        for work in works:
            if work in self.fails:
                raise self.fails[work]
        return [self.outcomes.get(work, f"{work} together") for work in works]

    def run(self, work: str, sender: str | None = None, names: Sequence[str] = ()) -> str:
        return self.line.run(sender or work, work, names=names, alone=self.by_itself, together=self.in_group)

    def waiting(self, count: int) -> None:
        """Wait until so many are in line."""
        for _ in range(10_000):
            if len(self.line._line) == count:
                return
            threading.Event().wait(0.001)
        raise AssertionError(f"{len(self.line._line)} are in line")


@pytest.fixture
def counter() -> Counter:
    return Counter()


def behind_the_first(
    counter: Counter, works: Sequence[str], sender: Callable[[str], str] = lambda work: work
) -> dict[str, Future[str]]:
    """Let somebody work while the others line up; then open the gate. Every future is done at the end."""
    with ThreadPoolExecutor(len(works) + 1) as threads:
        done = {"first": threads.submit(counter.run, "first")}
        while counter.alone != ["first"]:
            threading.Event().wait(0.001)
        for place, work in enumerate(works, start=1):
            done[work] = threads.submit(counter.run, work, sender(work))
            counter.waiting(place)
        counter.gate.set()
    return done


def test_who_finds_nobody_at_work_goes_alone_and_at_once(counter: Counter) -> None:
    counter.gate.set()
    assert [counter.run("a"), counter.run("b")] == ["a alone", "b alone"]
    assert counter.groups == []


def test_those_who_came_meanwhile_go_as_one_in_their_order(counter: Counter) -> None:
    done = behind_the_first(counter, ["a", "b", "c"])
    assert [each.result() for each in done.values()] == ["first alone", "a together", "b together", "c together"]
    assert counter.groups == [["a", "b", "c"]]
    assert not counter.line._busy


def test_each_has_its_own_outcome(counter: Counter) -> None:
    refusal = Refusal(Problem.IN_FLIGHT)
    counter.outcomes = {"b": refusal, "c": Alone.ALONE}
    done = behind_the_first(counter, ["a", "b", "c", "d"])
    assert done["b"].exception() is refusal
    assert [done[work].result() for work in "acd"] == ["a together", "c alone", "d together"]


def test_a_group_that_fails_is_done_one_by_one_and_only_its_cause_fails(counter: Counter) -> None:
    counter.fails = {"b": ZeroDivisionError()}
    done = behind_the_first(counter, ["a", "b", "c"])
    assert [done[work].result() for work in "ac"] == ["a alone", "c alone"]
    assert isinstance(done["b"].exception(), ZeroDivisionError)
    assert not counter.line._busy


def test_whoever_broke_a_group_stays_out_of_groups_for_a_minute(counter: Counter) -> None:
    counter.fails = {"b": ZeroDivisionError()}
    behind_the_first(counter, ["a", "b"])
    counter.fails, counter.groups, counter.alone = {}, [], []
    counter.gate.clear()
    with ThreadPoolExecutor(2) as threads:
        first, apart = threads.submit(counter.run, "first"), threads.submit(counter.run, "b")
        while len(counter.alone) < 2:
            threading.Event().wait(0.001)
        counter.gate.set()
        assert (first.result(), apart.result()) == ("first alone", "b alone")
    counter.now = APART_SECONDS + 1
    assert not counter.line._is_apart("b")


def test_a_refusal_alone_keeps_nobody_apart(counter: Counter) -> None:
    counter.fails = {"b": Refusal(Problem.IN_FLIGHT)}
    done = behind_the_first(counter, ["a", "b"])
    assert done["a"].result() == "a alone"
    assert isinstance(done["b"].exception(), Refusal)
    assert not counter.line._is_apart("b")


def test_one_sender_fills_no_group_and_the_rest_goes_in_the_next_one(counter: Counter) -> None:
    works = [f"many-{number}" for number in range(MOST_OF_ONE + 3)] + ["other"]
    done = behind_the_first(counter, works, sender=lambda work: work.partition("-")[0])
    assert [len(group) for group in counter.groups] == [MOST_OF_ONE + 1, 3]
    assert "other" in counter.groups[0]
    assert all(each.done() for each in done.values())


def test_a_group_has_a_bound(counter: Counter) -> None:
    works = [f"{number}-x" for number in range(MOST_TOGETHER + 2)]
    behind_the_first(counter, works)
    assert [len(group) for group in counter.groups] == [MOST_TOGETHER, 2]


def test_what_is_kept_aside_goes_past_the_line(counter: Counter) -> None:
    counter.line.keep_aside("firm")
    with ThreadPoolExecutor(2) as threads:
        large = threads.submit(counter.run, "large", "carrier", ["firm"])
        while counter.alone != ["large"]:
            threading.Event().wait(0.001)
        assert not counter.line._busy
        counter.gate.set()
        assert counter.run("small") == "small alone"
        assert large.result() == "large alone"


def test_work_that_takes_long_lets_those_in_line_pass(counter: Counter) -> None:
    def large(work: str) -> str:
        counter.waiting(1)
        counter.line.let_pass()
        counter.line.let_pass()  # no second time: the line is another's by now
        assert counter.gate.wait(10)
        return f"{work} at last"

    def small(work: str) -> str:
        return f"{work} alone"

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(counter.line.run, "firm", "large", alone=large, together=counter.in_group)
        while not counter.line._busy:
            threading.Event().wait(0.001)
        assert counter.line.run("other", "small", alone=small, together=counter.in_group) == "small alone"
        assert not first.done()
        counter.gate.set()
        assert first.result() == "large at last"
    assert not counter.line._busy


def test_who_waits_too_long_in_line_is_refused_and_nothing_of_it_is_done(counter: Counter) -> None:
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(counter.run, "first")
        while counter.alone != ["first"]:
            threading.Event().wait(0.001)
        with pytest.raises(Refusal) as refused:
            counter.line.run("a", "a", seconds=0.01, alone=counter.by_itself, together=counter.in_group)
        assert refused.value.problem is Problem.UNAVAILABLE
        counter.waiting(0)
        counter.gate.set()
        assert first.result() == "first alone"
    assert (counter.alone, counter.groups) == (["first"], [])
    assert counter.run("b") == "b alone"


def test_who_was_taken_into_a_group_waits_for_its_outcome_however_long_that_takes(counter: Counter) -> None:
    entered, leave = threading.Event(), threading.Event()

    def slowly(works: Sequence[str]) -> list[Outcome]:
        entered.set()
        assert leave.wait(10)
        return counter.in_group(works)

    def run(work: str, seconds: float | None) -> str:
        return counter.line.run(work, work, seconds=seconds, alone=counter.by_itself, together=slowly)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(counter.run, "first")
        while counter.alone != ["first"]:
            threading.Event().wait(0.001)
        leader = threads.submit(run, "a", None)
        counter.waiting(1)
        member = threads.submit(run, "b", 0.5)
        counter.waiting(2)
        counter.gate.set()
        assert entered.wait(10)
        threading.Event().wait(0.6)
        assert not member.done()
        leave.set()
        assert [each.result(10) for each in (first, leader, member)] == ["first alone", "a together", "b together"]
