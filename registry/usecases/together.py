"""Does what waits together in one go: while one piece of work runs, others line up, and then go as one.

Nobody waits for a timer: who finds nobody at work goes at once and alone. What was at work hands over to the first in
line, whose own thread then leads the next group. Work that waits too long in line is refused,
since the work before it may hang.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from enum import Enum
from itertools import pairwise
from typing import Final, Generic, TypeVar

from protocol.problems import Problem, Refusal

_log: Final = logging.getLogger(__name__)

MOST_TOGETHER: Final = 64
MOST_OF_ONE: Final = MOST_TOGETHER // 4
"""A group takes no more of one participant, so that nobody fills it; the others stay in line for the next one."""
APART_SECONDS: Final = 60.0
"""A participant whose work failed in a way that nobody foresaw goes alone for so long."""
LARGE_SECONDS: Final = 3_600.0
"""Work about what is known to take long goes alone for so long."""

M = TypeVar("M")
R = TypeVar("R")


class Alone(Enum):
    """Stands for the result of work that does not fit into its group: it runs by itself."""

    ALONE = "ALONE"


class _GroupFailed(Exception):
    """The work of a group raised; nothing of it was done, and each piece runs alone."""


class _Place(Generic[M, R]):
    """One piece of work in line, and its outcome."""

    __slots__ = ("_turn", "leads", "next", "outcome", "sender", "work")

    def __init__(self, sender: str, work: M) -> None:
        self.sender = sender
        self.work = work
        self.leads = False
        self.outcome: R | Exception | Alone = Alone.ALONE
        self.next: _Place[M, R] | None = None
        """The next of the group to be woken: all at once they would only wait for the interpreter's lock."""
        # A bare lock: an Event makes another one for each wait, and takes three times as long.
        self._turn = threading.Lock()
        self._turn.acquire()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the turn of this place, once; returns False if it did not come in time."""
        return self._turn.acquire(timeout=-1 if seconds is None else seconds)

    def wake(self) -> None:
        """Let the one that waits here go on."""
        self._turn.release()


class Together(Generic[M, R]):
    """The line of one kind of work in one process. Thread-safe."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._line: list[_Place[M, R]] = []
        self._busy = False
        self._apart: dict[Hashable, float] = {}
        self._own = threading.local()

    def run(
        self,
        sender: str,
        work: M,
        *,
        names: Collection[Hashable] = (),
        seconds: float | None = None,
        alone: Callable[[M], R],
        together: Callable[[Sequence[M]], Sequence[R | Exception | Alone]],
    ) -> R:
        """Return the result of the work, or raise its exception.

        Work under a name that is kept aside goes past the line, so that nobody waits for it. Work that is still in line
        after ``seconds`` leaves it: Refusal UNAVAILABLE, and nothing of it was done. ``together`` gives an
        outcome for each piece, in order: an exception is that piece's own, and raised to its sender. If it raises
        itself, each piece runs alone, in the thread of its sender.
        """
        if any(map(self._is_apart, (sender, *names))):
            return alone(work)
        place: _Place[M, R] = _Place(sender, work)
        if self._joins(place) and not place.wait(seconds):
            self._leave(place)
        if not place.leads:
            if place.next is not None:
                place.next.wake()
            return self._result(place, alone)
        group = self._take(place)
        self._own.leads = True
        try:
            if len(group) == 1:
                return alone(work)
            self._settle(group, together)
        except _GroupFailed as failed:
            _log.warning("%s", failed)
        finally:
            self.let_pass()
        return self._result(place, alone)

    def keep_aside(self, name: Hashable, seconds: float = APART_SECONDS) -> None:
        """Let work under this name go past the line for a while."""
        with self._lock:
            now = self._monotonic()
            self._apart = {each: until for each, until in self._apart.items() if until > now}
            self._apart[name] = now + seconds

    def let_pass(self) -> None:
        """Let those in line go on, if this thread leads; work that will take long calls it before its end."""
        if getattr(self._own, "leads", False):
            self._own.leads = False
            self._hand_over()

    def _joins(self, place: _Place[M, R]) -> bool:
        """Line up behind what is at work; returns False for who finds nobody and leads at once."""
        with self._lock:
            if self._busy:
                self._line.append(place)
                return True
            self._busy = place.leads = True
            return False

    def _leave(self, place: _Place[M, R]) -> None:
        """Refuse work that waited too long, unless its turn has come meanwhile or a group has taken it."""
        with self._lock:
            if not place.leads and place in self._line:
                self._line.remove(place)
                raise Refusal(Problem.UNAVAILABLE, detail="those before it have waited too long for the database")
        # The leader of its group came before it, so that the leader's own deadline ends this wait soon.
        place.wait()

    def _take(self, leader: _Place[M, R]) -> list[_Place[M, R]]:
        """Take the leader and whoever waits, in order and within the bounds, out of the line."""
        group, of_one, left = [leader], Counter({leader.sender: 1}), []
        with self._lock:
            for place in self._line:
                if place is leader:
                    continue
                if len(group) < MOST_TOGETHER and of_one[place.sender] < MOST_OF_ONE:
                    group.append(place)
                    of_one[place.sender] += 1
                else:
                    left.append(place)
            self._line = left
        return group

    def _settle(
        self,
        group: Sequence[_Place[M, R]],
        together: Callable[[Sequence[M]], Sequence[R | Exception | Alone]],
    ) -> None:
        """Do the work of the group; whatever happens, each of it gets its outcome and its turn."""
        try:
            outcomes = together([place.work for place in group])
            for place, outcome in zip(group, outcomes, strict=True):
                place.outcome = outcome
        except Exception as error:
            # The others must not suffer from one: each of them runs alone now.
            for place in group:
                place.outcome = Alone.ALONE
            raise _GroupFailed(f"a group of {len(group)} failed: {type(error).__name__}") from error
        finally:
            for place, after in pairwise(group[1:]):
                place.next = after
            group[1].wake()

    def _result(self, place: _Place[M, R], alone: Callable[[M], R]) -> R:
        outcome = place.outcome
        if isinstance(outcome, Alone):
            return self._by_itself(place, alone)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _by_itself(self, place: _Place[M, R], alone: Callable[[M], R]) -> R:
        try:
            return alone(place.work)
        except Refusal:
            raise
        except Exception:
            self.keep_aside(place.sender)
            raise

    def _hand_over(self) -> None:
        with self._lock:
            if not self._line:
                self._busy = False
                return
            first = self._line[0]
            first.leads = True
        first.wake()

    def _is_apart(self, name: Hashable) -> bool:
        until = self._apart.get(name)
        return until is not None and until > self._monotonic()
