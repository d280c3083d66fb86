"""Decide whether a peer that has fallen silent is called: pure values, whose times are a monotonic clock's seconds."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitRules:
    """``misses`` in a row within ``within_seconds`` open the circuit for ``open_seconds``."""

    misses: int = 5
    within_seconds: float = 10.0
    open_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Closed, calls go through; open, none does until ``open_until``, and then one as a trial."""

    rules: CircuitRules = CircuitRules()
    misses: tuple[float, ...] = ()
    """The times of the calls without an answer since the last answer."""
    open_until: float | None = None
    """None while the circuit is closed."""

    def lets_through(self, now: float) -> bool:
        """Tell whether a call may begin now."""
        return self.open_until is None or now >= self.open_until

    def begun(self, now: float) -> Self:
        """Note that a call begins: in an open circuit it is the trial, and the next one waits as long as ever.

        A trial of which nothing is heard, since its thread died, so holds up nobody for longer than that.
        """
        if self.open_until is None:
            return self
        return self._with(self.misses, now + self.rules.open_seconds)

    def answered(self) -> Self:
        """Note an answer, whichever call it belongs to: the peer lives, and the circuit is closed."""
        return self._with((), None)

    def missed(self, now: float) -> Self:
        """Note a call without an answer."""
        if self.open_until is not None:
            return self
        recent = tuple(at for at in (*self.misses, now) if now - at < self.rules.within_seconds)
        if len(recent) < self.rules.misses:
            return self._with(recent, None)
        return self._with(recent, now + self.rules.open_seconds)

    def _with(self, misses: tuple[float, ...], open_until: float | None) -> Self:
        return type(self)(rules=self.rules, misses=misses, open_until=open_until)
