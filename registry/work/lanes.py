"""Gives everybody who is called one turn after another in a few threads; whoever is slow waits with the slow ones only.

A turn in the fast lane is cut off after some seconds. Who was cut off there, or took as long, gets its next turn in the
slow lane, with threads of its own and more time, and comes back once it was quick there. So nobody who hangs holds up
anybody who does not for longer than one short turn, and who is only slow is still served.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

Key = TypeVar("Key", bound=Hashable)


class LanesBroken(Exception):
    """A turn met a mistake of ours, which its thread's own traceback tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRules:
    """How many threads each lane has, and how many seconds a turn may take there as a whole."""

    fast_threads: int = 4
    fast_seconds: float = 2.0
    slow_threads: int = 8
    slow_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How a turn went: the seconds that the other side took, and whether the same one has more to be done now."""

    seconds: float = 0.0
    more: bool = False


class Lanes(Generic[Key]):
    """Threads that begin when they are needed; each key has at most one turn at a time. A context manager.

    ``take_turn`` is given a key and the seconds that its call may take; whatever it raises breaks the lanes.
    """

    def __init__(self, take_turn: Callable[[Key, float], Turn], rules: LaneRules) -> None:
        self._take_turn = take_turn
        self._rules = rules
        self._changed = threading.Condition()
        self._waiting: dict[bool, deque[Key]] = {False: deque(), True: deque()}
        """In the order of their turns, for the fast lane and, under True, for the slow one."""
        self._busy: set[Key] = set()
        self._slow: set[Key] = set()
        self._threads: list[threading.Thread] = []
        self._is_open = True
        self._is_broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def busy(self) -> frozenset[Key]:
        """Who waits for a turn or has one."""
        with self._changed:
            return frozenset(self._busy)

    def offer(self, keys: Iterable[Key], slow: Collection[Key] = ()) -> None:
        """Give each a turn who neither has one nor waits for one; raises LanesBroken.

        Those of ``slow`` wait with the slow ones, whatever is remembered here.
        """
        with self._changed:
            self._refuse_broken()
            if not self._threads:
                self._begin()
            for key in keys:
                if key not in self._busy:
                    self._busy.add(key)
                    self._waiting[key in self._slow or key in slow].append(key)
            self._changed.notify_all()

    def wait(self) -> None:
        """Until nobody waits for a turn or has one; raises LanesBroken."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy or self._is_broken)
            self._refuse_broken()

    def close(self) -> None:
        """Give no more turns, and wait for those that are short; a call that hangs is left to itself."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        end = time.monotonic() + self._rules.fast_seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _begin(self) -> None:
        lanes: Final = [False] * self._rules.fast_threads + [True] * self._rules.slow_threads
        # Daemons: a call that hangs keeps no process from its end, and what it was about is called again.
        self._threads = [threading.Thread(target=self._serve, args=(is_slow,), daemon=True) for is_slow in lanes]
        for thread in self._threads:
            thread.start()

    def _serve(self, is_slow: bool) -> None:  # noqa: FBT001 - a thread's argument has no name
        seconds = self._rules.slow_seconds if is_slow else self._rules.fast_seconds
        while (key := self._next(is_slow=is_slow)) is not None:
            turn = None
            try:
                turn = self._take_turn(key[0], seconds)
            finally:
                self._finish(key[0], turn)

    def _next(self, *, is_slow: bool) -> tuple[Key] | None:
        """Whose turn it is; None when there are no more turns."""
        queue = self._waiting[is_slow]
        with self._changed:
            self._changed.wait_for(lambda: queue or not self._is_open)
            return (queue.popleft(),) if self._is_open else None

    def _finish(self, key: Key, turn: Turn | None) -> None:
        with self._changed:
            self._is_broken = self._is_broken or turn is None
            self._busy.discard(key)
            if turn is not None and turn.seconds >= self._rules.fast_seconds:
                self._slow.add(key)
            else:
                self._slow.discard(key)
            if turn is not None and turn.more:
                # Behind everybody who waits: one page a turn, whatever somebody has piled up.
                self._busy.add(key)
                self._waiting[key in self._slow].append(key)
            self._changed.notify_all()

    def _refuse_broken(self) -> None:
        if self._is_broken:
            raise LanesBroken("a turn did not end as it should")
