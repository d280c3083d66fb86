"""Keeps the signing keys that verified requests of late, so that a request need not read them before it is verified."""

import threading
from collections.abc import Callable

from registry.domain.participants import SigningKey


class KnownKeys:
    """One in each process. The transaction that lets a request in asks the database whether its key is still good.

    A participant's roles never change, so that a key's being revoked is all that can make an entry untrue.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, SigningKey] = {}

    def find(self, key_id: str, read: Callable[[], SigningKey | None]) -> SigningKey | None:
        """Return the key, or read it and remember it if it is good."""
        known = self._keys.get(key_id)
        if known is None and (known := read()) is not None:
            with self._lock:
                self._keys[key_id] = known
        return known

    def forget(self, key_id: str) -> None:
        """Read the key again when it is next asked for."""
        with self._lock:
            self._keys.pop(key_id, None)
