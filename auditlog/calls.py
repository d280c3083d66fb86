"""The log's calls at the registry that are signed: receipts, cosignatures, openings."""

import hashlib
from typing import Any, Final
from uuid import UUID

from client.answers import MAX_ANSWER, read_object
from client.registry import RegistryClient
from protocol.encodings import b64url_encode

MAX_OPENINGS_BYTES: Final = 64 * 1024 * 1024
_NOTE: Final = "text/plain; charset=utf-8"


def receipt(registry: RegistryClient, year: int, entry_id: UUID, grade: str, wait_seconds: int) -> bytes:
    """An entry's receipt: a tlog-proof, or for the grade ``promise`` a compact JWS. Nothing is verified yet."""
    return registry.ask_bytes(f"/log/{year:04d}/receipts/{entry_id}?grade={grade}&wait={wait_seconds}")


def cosign(registry: RegistryClient, year: int, note: bytes) -> dict[str, Any]:
    """Hand in a note with cosignature lines; the size, who cosigned it so far, and if they are a quorum."""
    key = f"cosignature-{b64url_encode(hashlib.sha256(note).digest())}"
    path = f"/log/{year:04d}/cosignatures"
    return read_object(registry.tell_bytes(path, note, content_type=_NOTE, idempotency_key=key), MAX_ANSWER)


def openings(registry: RegistryClient, year: int, start: int, limit: int) -> bytes:
    """The openings from an index on that the asker may read, as NDJSON with a closing line."""
    return registry.ask_stream(f"/log/{year:04d}/openings?from={start}&limit={limit}", max_answer=MAX_OPENINGS_BYTES)
