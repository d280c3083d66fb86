"""Reads and writes messages in their one spelling: canonical JSON, which is what gets signed and hashed."""

from typing import TypeVar

from ceremony.errors import CeremonyRefused, RefusalCode
from protocol import strict_json
from protocol.encodings import canonical_json
from protocol.wire.codec import Malformed, read, write

M = TypeVar("M")


def canonical_bytes(message: object) -> bytes:
    """Write a message's canonical JSON."""
    return canonical_json(write(message))


def read_canonical(message: type[M], raw: bytes, *, max_bytes: int) -> M:
    """Read a message whose canonical JSON is exactly these bytes; raises CeremonyRefused."""
    try:
        value = read(message, strict_json.load_object(raw, max_bytes=max_bytes))
    except (strict_json.StrictJsonError, Malformed):
        raise _refused(message) from None
    if canonical_bytes(value) != raw:
        raise _refused(message)
    return value


def _refused(message: type[object]) -> CeremonyRefused:
    return CeremonyRefused(RefusalCode.NOT_CANONICAL, f"not the one spelling of a {message.__name__.lower()}")
