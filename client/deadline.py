"""The time by which a whole act has to be over, handed down from call to call."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Self

AGAIN_SECONDS: Final = 0.8
"""A second attempt with less time than this would only ask twice and hear nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A moment of a monotonic clock, in its seconds."""

    until: float
    monotonic: Callable[[], float] = field(repr=False)
    attempt_seconds: float = math.inf
    """The longest that one attempt at the registry may take of it."""

    @classmethod
    def after(cls, seconds: float, monotonic: Callable[[], float], *, attempt_seconds: float = math.inf) -> "Deadline":
        """Begin now."""
        return cls(until=monotonic() + seconds, monotonic=monotonic, attempt_seconds=attempt_seconds)

    def left(self) -> float:
        """Return the seconds that are left, never less than none."""
        return max(0.0, self.until - self.monotonic())

    def sooner(self, seconds: float) -> Self:
        """Return the deadline that is over after so many seconds from now, and never later than this one."""
        return replace(self, until=min(self.until, self.monotonic() + seconds))

    def attempt(self) -> Self:
        """Return the deadline of one attempt that begins now."""
        return replace(self, until=min(self.until, self.monotonic() + self.attempt_seconds))
