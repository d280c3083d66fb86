"""The threads that long work may hold: a bound for all of it, and one for each participant."""

import threading
from collections import Counter
from typing import Final

_TOGETHER: Final = ""
"""The name under which a wait holds its place; no participant can have it."""


class Place:
    """One thread's place; closing it again does nothing."""

    def __init__(self, places: "Places", holder: str) -> None:
        self._places = places
        self._holder = holder
        self._held = True

    def close(self) -> None:
        """Give the place back."""
        if self._held:
            self._held = False
            self._places.give_back(self._holder)


class Places:
    """At most ``most`` places at a time in this process, ``each`` of them for one participant; nothing blocks."""

    def __init__(self, most: int, each: int) -> None:
        self._most = most
        self._each = each
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    def for_batch(self, participant_id: str) -> Place | None:
        """Take a place for a participant's batch, to be closed; None where its bound or the common bound is reached."""
        return self._take(participant_id, self._each)

    def for_wait(self) -> Place | None:
        """Take a place for a request that waits, to be closed; None where no thread is free for waiting."""
        return self._take(_TOGETHER, self._most)

    def give_back(self, holder: str) -> None:
        """Give a place back; only the place itself calls this, once."""
        with self._lock:
            self._held[holder] -= 1

    def _take(self, holder: str, own_most: int) -> Place | None:
        with self._lock:
            if self._held.total() >= self._most or self._held[holder] >= own_most:
                return None
            self._held[holder] += 1
            return Place(self, holder)
