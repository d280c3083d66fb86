"""Calls many recipients in turns on a few threads, the slow ones in a lane of their own.

A turn in the fast lane is cut off after some seconds. A recipient that was cut off there, or took as long, gets its
next turn in the slow lane, which has its own threads and more time; after a quick turn there it returns. So a hanging
recipient delays the others by one short turn at most, and a slow recipient is still served.
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
    """A turn met a bug, which its thread's own traceback shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRules:
    """The number of threads of each lane, and the most seconds of a whole turn there."""

    fast_threads: int = 4
    fast_seconds: float = 2.0
    slow_threads: int = 8
    slow_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The result of a turn: the seconds that the recipient took, and a flag that more is due for it now."""

    seconds: float = 0.0
    more: bool = False


class Lanes(Generic[Key]):
    """Threads that start when they are needed; each key has at most one turn at a time. A context manager.

    ``take_turn`` receives a key and the seconds that its call may take; any exception of it breaks the lanes.
    """

    def __init__(self, take_turn: Callable[[Key, float], Turn], rules: LaneRules) -> None:
        self._take_turn = take_turn
        self._rules = rules
        self._changed = threading.Condition()
        self._waiting: dict[bool, deque[Key]] = {False: deque(), True: deque()}
        """The waiting keys in the order of their turns: False is the fast lane, True the slow one."""
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
        """Return the keys that wait for a turn or have one."""
        with self._changed:
            return frozenset(self._busy)

    def offer(self, keys: Iterable[Key], slow: Collection[Key] = ()) -> None:
        """Queue each key that neither has a turn nor waits for one; raises LanesBroken.

        The keys of ``slow`` wait in the slow lane, whatever their last turn was.
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
        """Wait until no key waits for a turn or has one; raises LanesBroken."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy or self._is_broken)
            self._refuse_broken()

    def close(self) -> None:
        """Give no more turns, and wait for short ones; a hanging call is abandoned."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        end = time.monotonic() + self._rules.fast_seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _begin(self) -> None:
        lanes: Final = [False] * self._rules.fast_threads + [True] * self._rules.slow_threads
        # Use daemons: a hanging call must not keep the process alive, and its recipient is called again later.
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
        """Return the next key; None when there are no more turns."""
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
                # Queue behind all waiting keys: a turn sends one page, however many wait for that recipient.
                self._busy.add(key)
                self._waiting[key in self._slow].append(key)
            self._changed.notify_all()

    def _refuse_broken(self) -> None:
        if self._is_broken:
            raise LanesBroken("a turn did not end as it should")
