"""Name a request, so that the same one sent again, by whichever process, is answered once."""

import hashlib

from protocol.encodings import b64url_encode


def named(step: str, content: bytes) -> str:
    """An Idempotency-Key that the same step with the same content has every time."""
    return f"{step}-{b64url_encode(hashlib.sha256(content).digest())}"
