"""Name a request, so that the registry carries it out once, even if another process sends it again."""

import hashlib

from protocol.encodings import b64url_encode


def named(step: str, content: bytes) -> str:
    """Derive the Idempotency-Key from a step and its content, so that a repetition has the same key."""
    return f"{step}-{b64url_encode(hashlib.sha256(content).digest())}"
