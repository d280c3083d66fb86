"""Tells the worker processes of a server how many connections each of them has, so that they share them fairly.

All of them hear of a new connection, and whoever is awake takes it. A gateway keeps its connections for hours: a worker
that took most of them would work alone, while another core has nothing to do.
"""

import mmap
from collections.abc import Callable, Mapping
from typing import Any, Final

_MOST_WORKERS: Final = 256
_BYTES: Final = 4


class Shares:
    """One number for each worker, in memory that all processes of the server see: made before the first fork.

    A worker is named by its age, gunicorn's running number. Each place has one writer, and a number is written whole;
    a stale one makes somebody wait for milliseconds.
    """

    def __init__(self) -> None:
        # Zero stands for nobody, and else one more than the number of connections.
        self._places = memoryview(mmap.mmap(-1, _MOST_WORKERS * _BYTES)).cast("I")

    def note(self, age: int, connections: int) -> None:
        """Note the connections of a worker that takes more."""
        self._places[age % _MOST_WORKERS] = connections + 1

    def leave(self, age: int) -> None:
        """Note that a worker takes no more, or is gone."""
        self._places[age % _MOST_WORKERS] = 0

    def is_ahead(self, age: int) -> bool:
        """Tell whether another worker has fewer connections than this one."""
        own = self._places[age % _MOST_WORKERS]
        return any(0 < each < own for each in self._places)

    def hooks(self) -> Mapping[str, Callable[..., None]]:
        """Return gunicorn's hook in the master for a worker that ended, however it did."""

        def ended(_server: Any, worker: Any) -> None:
            self.leave(worker.age)

        return {"child_exit": ended}
