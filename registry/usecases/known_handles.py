"""Keeps the keys of decision handles that this process has used, so that no inquiry reads them."""

import datetime as dt

from registry.domain.handles import is_over


class KnownHandles:
    """One in each process. A quarter's key never changes; one whose time is over is let go of when it is asked for."""

    def __init__(self) -> None:
        self._keys: dict[int, bytes] = {}

    def find(self, quarter: int, day: dt.date) -> bytes | None:
        """Return the key of a quarter, if it is known here and its time is not over on a day."""
        if is_over(quarter, day):
            self._keys.pop(quarter, None)
        return self._keys.get(quarter)

    def keep(self, quarter: int, key: bytes) -> None:
        """Remember a key that the database has."""
        self._keys[quarter] = key
