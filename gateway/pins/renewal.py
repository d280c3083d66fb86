"""Runs the check of the pins, one at a time: at once for somebody who waits, and from day to day while serving."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from client.errors import ClientError
from gateway.pins.book import PinBook
from gateway.pins.codes import KeyChanged

DAY_SECONDS: Final = 86_400.0
SOON_SECONDS: Final = 600.0
"""So soon is a committee looked for again that was offered and could not be taken."""
_PAUSE_SECONDS: Final = 10.0
"""Callers that wait start no check within so many seconds of the last one."""
_log = logging.getLogger("clearline.gateway")

Check = Callable[[], bool]
"""Checks the pins once, and tells whether it should be repeated soon; raises ClientError or OSError."""


class Renewal:
    """A check that at most one thread runs; others wait for its end. Thread-safe."""

    def __init__(self, check: Check, monotonic: Callable[[], float]) -> None:
        self._check = check
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._running: threading.Event | None = None
        self._ended_at: float | None = None
        self._is_due_soon = True

    def run(self, seconds: float) -> None:
        """Start a check, or join the one that runs, and wait for its end at most so long."""
        running = self._begin(_PAUSE_SECONDS)
        if running is not None:
            running.wait(seconds)

    def hint(self) -> None:
        """Start a check for which nobody waits, unless one ended lately."""
        self._begin(SOON_SECONDS)

    def keep_running(self, over: threading.Event, *, day: float = DAY_SECONDS, soon: float = SOON_SECONDS) -> None:
        """Check now and from day to day, in a thread of its own, until ``over``."""

        def on() -> None:
            while not over.is_set():
                self.run(day)
                over.wait(soon if self._is_due_soon else day)

        threading.Thread(target=on, daemon=True, name="pins-daily").start()

    def _begin(self, pause: float) -> threading.Event | None:
        """Start a check unless one runs or has ended within ``pause`` seconds; return the event of its end, if any."""
        with self._lock:
            is_fresh = self._ended_at is not None and self._monotonic() - self._ended_at < pause
            if self._running is None and not is_fresh:
                self._running = threading.Event()
                threading.Thread(target=self._once, args=(self._running,), daemon=True, name="pins").start()
            return self._running

    def _once(self, ended: threading.Event) -> None:
        try:
            self._is_due_soon = self._check()
        except KeyChanged as changed:
            _log.error("%s", changed)
            self._is_due_soon = True
        except ClientError as trouble:
            _log.warning("pins not checked reason=%s", trouble)
            self._is_due_soon = True
        except OSError as trouble:
            _log.error("pins not kept: %s: %s", trouble.filename, trouble.strerror)
            self._is_due_soon = True
        finally:
            with self._lock:
                self._running, self._ended_at = None, self._monotonic()
            ended.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinKeeper:
    """The pins of a process and their check, for all gateways in it."""

    book: PinBook
    renewal: Renewal
