"""File the erasable part of an office's reading that is about no subject under a key of the reading person's own."""

import hashlib
from typing import Final

from protocol.readings import Agent

_TAG: Final = b"clearline/reader/v1\n"
_KEY_BYTES: Final = 16


def reader_key(office: str, agent: Agent) -> bytes:
    """Return 16 bytes of SHA-256 over the office's id and the reference of the member of its staff.

    No office can choose a reference that leads to the key of somebody on the list.
    """
    named = office.encode("utf-8")
    text = _TAG + len(named).to_bytes(2, "big") + named + agent.reference
    return hashlib.sha256(text).digest()[:_KEY_BYTES]
