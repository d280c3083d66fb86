"""Remember how a peer answered lately, and spare it, and whoever waits for it, calls that would get no answer."""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from client.circuit import Circuit, CircuitRules
from client.deadline import AGAIN_SECONDS, Deadline
from client.sending import AnswerTooLong, PeerSilent

SLOW_SECONDS: Final = 1.0
_USELESS: Final = frozenset({401, 429, 502, 503, 504})
"""It serves nobody, or not this carrier."""


class _HasStatus(Protocol):
    @property
    def status(self) -> int: ...


A = TypeVar("A", bound=_HasStatus)


class PeerState(StrEnum):
    """The end of the last call to a peer."""

    OK = "OK"
    SLOW = "SLOW"
    """It answered, but took more than a second."""
    UNREACHABLE = "UNREACHABLE"
    """It gave no answer, or refuses to work for us; or nothing has been heard from it yet."""


class CircuitOpen(PeerSilent):
    """The peer has not answered lately, so that it was not called."""

    def __init__(self) -> None:
        super().__init__("not called, since it did not answer lately")


class Lifeline:
    """The line to one peer, as its last calls found it. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float], rules: CircuitRules | None = None) -> None:
        """Without ``rules`` every call goes through, however the calls before it ended."""
        self._monotonic = monotonic
        self._has_circuit = rules is not None
        self._lock = threading.Lock()
        self._circuit = Circuit(rules=rules or CircuitRules())
        self._state = PeerState.UNREACHABLE
        self._heard_at: float | None = None

    @property
    def state(self) -> PeerState:
        return self._state

    @property
    def lets_through(self) -> bool:
        """Tell whether a call would go through now."""
        with self._lock:
            return not self._has_circuit or self._circuit.lets_through(self._monotonic())

    def silent_seconds(self) -> float | None:
        """Return for how long no call has ended; None if none has yet."""
        heard_at = self._heard_at
        return None if heard_at is None else self._monotonic() - heard_at

    def call(self, send: Callable[[], A], deadline: Deadline | None, *, is_trial: bool = False) -> A:
        """Make one call and return its answer; raises what it raises, and CircuitOpen in place of it.

        A trial goes through an open circuit: whoever makes them makes one at a time.
        """
        started = self._monotonic()
        allowed = None if deadline is None else deadline.left()
        with self._lock:
            if self._has_circuit and not is_trial:
                if not self._circuit.lets_through(started):
                    raise CircuitOpen
                self._circuit = self._circuit.begun(started)
        try:
            answer = send()
        except AnswerTooLong:
            self._answered(PeerState.OK)
            raise
        except PeerSilent:
            # A call that had almost no time tells nothing about the peer.
            if allowed is None or allowed >= AGAIN_SECONDS or self._monotonic() - started < allowed:
                self._missed()
            raise
        if answer.status in _USELESS:
            self._answered(PeerState.UNREACHABLE)
        else:
            is_slow = self._monotonic() - started > SLOW_SECONDS
            self._answered(PeerState.SLOW if is_slow else PeerState.OK)
        return answer

    def _answered(self, state: PeerState) -> None:
        with self._lock:
            self._circuit, self._state, self._heard_at = self._circuit.answered(), state, self._monotonic()

    def _missed(self) -> None:
        with self._lock:
            now = self._monotonic()
            self._circuit = self._circuit.missed(now)
            self._state, self._heard_at = PeerState.UNREACHABLE, now
