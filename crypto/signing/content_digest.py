"""Computes Content-Digest (RFC 9530) with sha-256 as the body streams, and compares it in constant time.

Clearline-Agent-Digest has the same form, over the value of another header.
"""

import base64
import hashlib
import hmac
import re
from typing import Final

from crypto.errors import SignatureRefused

EMPTY_BODY_SHA256: Final = hashlib.sha256(b"").digest()
_FIELD: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")


class BodyDigest:
    """The digest of a body that is read or written piece by piece."""

    __slots__ = ("_sha256",)

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self._sha256.update(chunk)

    def digest(self) -> bytes:
        """Return the 32-byte SHA-256 of the pieces so far."""
        return self._sha256.digest()

    def header(self) -> str:
        """Write the Content-Digest value of the pieces so far."""
        return _serialize(self._sha256.digest())


def content_digest(body: bytes) -> str:
    """Write the Content-Digest value of a whole body: `sha-256=:<base64>:` (RFC 9530, section 2)."""
    return _serialize(hashlib.sha256(body).digest())


def verify_content_digest(header: str | None, sha256_digest: bytes) -> None:
    """Compare a *signed* Content-Digest with the digest of the body that arrived.

    A missing header fits the empty body only.
    """
    if not hmac.compare_digest(EMPTY_BODY_SHA256 if header is None else read_content_digest(header), sha256_digest):
        raise SignatureRefused("digest", "the body does not match its signed Content-Digest")


def agent_digest(agent: str) -> str:
    """Write the Clearline-Agent-Digest of a Clearline-Agent as it is sent."""
    return content_digest(agent.encode("utf-8", "surrogatepass"))


def verify_agent_digest(header: str, agent: str) -> None:
    """Compare a *signed* Clearline-Agent-Digest with the Clearline-Agent that arrived."""
    if not hmac.compare_digest(
        read_content_digest(header), hashlib.sha256(agent.encode("utf-8", "surrogatepass")).digest()
    ):
        raise SignatureRefused("digest", "Clearline-Agent does not match its signed digest")


def _serialize(digest: bytes) -> str:
    return f"sha-256=:{base64.b64encode(digest).decode('ascii')}:"


def read_content_digest(header: str) -> bytes:
    """Return the 32 bytes of a Content-Digest; raises SignatureRefused `digest` for any other spelling than ours."""
    match = _FIELD.fullmatch(header)
    digest = b"" if match is None else base64.b64decode(match[1])
    # The last base64 character has two spare bits: refuse any spelling but our own.
    if _serialize(digest) != header:
        raise SignatureRefused("digest", "Content-Digest is not exactly one canonical sha-256 member")
    return digest
