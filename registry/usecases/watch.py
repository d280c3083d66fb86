"""Holds, once in each process, the access to the facts outside the database and the last comparison with them."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from registry.domain.incarnations import Outside, Standing

LOOK_AGAIN_SECONDS: Final = 1.0


def _nothing() -> Outside:
    return Outside()


def _forget(_number: int) -> None:
    """Store nothing: this registry has no place outside the database."""


class Watch:
    """``outside`` reads the facts; ``remember`` stores a number there unless a larger one is stored.

    A process that declares a restore holds ``turn``, so that the processes of a machine declare it once. ``remember``
    raises LogFault or OSError, and ``turn`` OSError.
    """

    def __init__(
        self,
        outside: Callable[[], Outside] = _nothing,
        remember: Callable[[int], None] = _forget,
        turn: Callable[[], AbstractContextManager[object]] = nullcontext,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outside: Final = outside
        self.remember: Final = remember
        self.turn: Final = turn
        self._monotonic = monotonic
        self._seen: tuple[float, Standing] | None = None

    def last(self) -> Standing | None:
        """Return the comparison of the last second, or None."""
        seen = self._seen
        fresh = seen is not None and 0 <= self._monotonic() - seen[0] < LOOK_AGAIN_SECONDS
        return seen[1] if seen is not None and fresh else None

    def keep(self, standing: Standing) -> Standing:
        """Keep this comparison for a second."""
        self._seen = self._monotonic(), standing
        return standing
