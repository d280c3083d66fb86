"""Remember, for one process, whether the database took the last write."""

import time
from collections.abc import Callable
from typing import Final

_KNOWN_SECONDS: Final = 1.0
"""For so many seconds the last write tells whether another would be taken."""
_FULL_SECONDS: Final = 15.0
"""So soon after a refused write, a small write that is taken does not prove that there is room."""


class WriteHealth:
    """Threads share it: each attribute is set atomically, and the last write is right."""

    __slots__ = ("_clock", "_full_at", "_last_at")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last_at: float | None = None
        self._full_at: float | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether a write was taken, or refused, a moment ago."""
        return self.answered_within(_KNOWN_SECONDS)

    def answered_within(self, seconds: float) -> bool:
        """Tell whether a write was taken, or refused, within the last so many seconds."""
        return self._last_at is not None and self._clock() - self._last_at < seconds

    @property
    def is_full(self) -> bool:
        """Tell whether the database had no room for the last write."""
        return self._full_at is not None

    def kept(self, *, probe: bool = False) -> None:
        """Note that a write was committed: a request's, or a test write."""
        self._last_at = self._clock()
        if not probe or (self._full_at is not None and self._last_at - self._full_at >= _FULL_SECONDS):
            self._full_at = None

    def refused(self) -> None:
        """Note that the database had no room for a write."""
        self._last_at = self._full_at = self._clock()
