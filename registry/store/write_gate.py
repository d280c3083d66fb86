"""Give SQLite's writers their turn: first come, first served, among threads and among processes.

Correctness does not depend on it (BEGIN IMMEDIATE and the busy timeout give that); fairness does: writers that only
poll SQLite's own lock starve for seconds.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from serving.files import open_private

_FIRST_PAUSE: Final = 0.0005
_LONGEST_PAUSE: Final = 0.008


class GateTimeout(Exception):
    """The turn did not come in time."""


class _Turns:
    """A lock that is handed over in order of arrival; a thread that releases a stock lock may retake it at once."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=timeout):
            return
        with self._mutex, suppress(ValueError):
            self._waiting.remove(mine)
            raise GateTimeout
        # It left the queue: the turn came between the timeout and this line, and is ours.

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class WriteGate:
    """One writer at a time for one SQLite file: an ordered lock in the process, a file lock between processes.

    Two files lie beside the database. A process waits for ``-turn`` and, holding it, for ``-writer``; so a process that
    has just written cannot pass the one that waits. A process that dies releases both.
    """

    def __init__(self, database: Path, *, timeout: float) -> None:
        self._turn_path = database.with_name(database.name + "-turn")
        self._writer_path = database.with_name(database.name + "-writer")
        self._timeout = timeout
        self._turns = _Turns()
        self._files: tuple[int, int] | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the gate; raises GateTimeout when the turn does not come: to wait for other writers is no silence."""
        end = time.monotonic() + self._timeout
        self._turns.acquire(self._timeout)
        try:
            turn, writer = self._open()
            _lock(turn, end)
            try:
                _lock(writer, end)
            finally:
                fcntl.flock(turn, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(writer, fcntl.LOCK_UN)
        finally:
            self._turns.release()

    def after_fork(self) -> None:
        """In a child, forget the files: the parent shares an open file description, and would share its lock."""
        self._turns = _Turns()
        self.close()

    def close(self) -> None:
        if self._files is not None:
            for each in self._files:
                os.close(each)
            self._files = None

    def _open(self) -> tuple[int, int]:
        if self._files is None:
            self._files = open_private(self._turn_path), open_private(self._writer_path)
        return self._files


def _lock(file: int, end: float) -> None:
    """Lock the file, or raise GateTimeout: the process that holds it may hang, and a plain wait would have no end."""
    pause = _FIRST_PAUSE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise GateTimeout from None
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        else:
            return
