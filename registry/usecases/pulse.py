"""Remembers the last look at the database in each process, so that nobody who asks has to wait for one."""

import time
from collections.abc import Callable
from typing import Final

from protocol.messages.service import Readiness
from registry.domain.patience import ASKED_SECONDS, LOOK_IDLE_SECONDS, LOOK_LOST_SECONDS, LOOK_SECONDS

_NEVER: Final = float("-inf")


class Pulse:
    """One thread looks (registry/work/probe.py) and the others ask; each attribute is set atomically.

    A process in which nobody has looked has no such thread, and looks when it is asked.
    """

    __slots__ = ("_asked_at", "_begun_at", "_ended_at", "_late_seconds", "_monotonic", "_seen", "_was_silent")

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._late_seconds: float | None = None
        self._begun_at: float | None = None
        self._ended_at = monotonic()
        self._asked_at = _NEVER
        self._seen: Readiness | None = None
        self._was_silent = False

    @property
    def is_taken(self) -> bool:
        """Tell whether a thread of this process looks."""
        return self._late_seconds is not None

    @property
    def late_seconds(self) -> float:
        """Return the seconds after which a look without an end is a silence."""
        return 0.0 if self._late_seconds is None else self._late_seconds

    @property
    def is_silent(self) -> bool:
        """Tell whether the look under way lasts too long, or the last one ended so."""
        begun = self._begun_at
        return self._was_silent or (begun is not None and self._lasts(begun))

    def looks(self, late_seconds: float) -> None:
        """Note that a look begins; it is late after so many seconds."""
        self._late_seconds = late_seconds
        self._begun_at = self._monotonic()

    def saw(self, seen: Readiness | None) -> None:
        """Note that the look has ended; None: the database did not answer."""
        begun = self._begun_at
        self._was_silent = seen is None and begun is not None and self._lasts(begun)
        self._seen = seen
        self._ended_at = self._monotonic()
        self._begun_at = None

    def ask(self) -> Readiness | None:
        """Return the last look at once; None if it found no answer, or is too old."""
        now = self._asked_at = self._monotonic()
        is_lost = self._begun_at is None and now - self._ended_at > LOOK_LOST_SECONDS
        return None if is_lost else self._seen

    def pause(self) -> float:
        """Return the seconds until the next look."""
        is_wanted = self._seen is None or self._monotonic() - self._asked_at < ASKED_SECONDS
        return LOOK_SECONDS if is_wanted else LOOK_IDLE_SECONDS

    def _lasts(self, begun: float) -> bool:
        return self._monotonic() - begun > self.late_seconds
