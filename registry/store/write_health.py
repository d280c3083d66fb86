"""Remembers, for one process, whether the database took what was last written to it."""

import time
from collections.abc import Callable
from typing import Final

_KNOWN_SECONDS: Final = 5.0
"""For so long the last write tells whether another would be taken."""
_FULL_SECONDS: Final = 15.0
"""A small write that is taken does not mean that there is room, so soon after one that was not."""


class WriteHealth:
    """Threads share it: each attribute is set at once, and the last one to write is right."""

    __slots__ = ("_clock", "_full_at", "_last_at")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_at: float | None = None
        self._full_at: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether something was written, or refused, a moment ago."""
        return self._last_at is not None and self._clock() - self._last_at < _KNOWN_SECONDS

    @property
    def is_full(self) -> bool:
        """Whether the database had no room for what was last written."""
        return self._full_at is not None

    def kept(self, *, probe: bool = False) -> None:
        """A write was committed: a request's, or one that was only to see."""
        self._last_at = self._clock()
        if not probe or (self._full_at is not None and self._last_at - self._full_at >= _FULL_SECONDS):
            self._full_at = None

    def refused(self) -> None:
        """The database had no room for a write."""
        self._last_at = self._full_at = self._clock()
