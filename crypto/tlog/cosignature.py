"""Writes and verifies cosignatures (c2sp.org/tlog-cosignature): then the witness saw no larger head of the log."""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import TlogRefused
from crypto.signing.keys import public_bytes
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import SIGNATURE_BYTES, SignatureKind, VerifierKey, key_id
from crypto.tlog.note import NoteSignature
from crypto.tlog.text import MAX_NUMBER

_HEADER: Final = "cosignature/v1"
_TIME_BYTES: Final = 8


def cosigned_message(checkpoint: Checkpoint, timestamp: int) -> bytes:
    """Write header line, time line and the note's text with its last newline (tlog-cosignature, signed message)."""
    return f"{_HEADER}\ntime {timestamp}\n{checkpoint.text}".encode()


def cosign(checkpoint: Checkpoint, *, name: str, private_key: Ed25519PrivateKey, timestamp: int) -> NoteSignature:
    """Write the line that a witness adds; `timestamp` is in POSIX seconds.

    The caller must first check that the checkpoint extends the last one that it cosigned. The message does not name
    the witness: one key belongs to one witness, and signs nothing else.
    """
    if not 0 <= timestamp <= MAX_NUMBER:
        raise TlogRefused("time-refused", "a cosignature's time has 63 bits")
    return NoteSignature(
        name=name,
        key_id=key_id(name, SignatureKind.COSIGNATURE, public_bytes(private_key)),
        signature=timestamp.to_bytes(_TIME_BYTES, "big") + private_key.sign(cosigned_message(checkpoint, timestamp)),
    )


def verify_cosignature(checkpoint: Checkpoint, signature: bytes, key: VerifierKey, *, latest: int) -> int:
    """Verify a cosignature and return its time (POSIX seconds); refuse a time after `latest`."""
    if key.kind is not SignatureKind.COSIGNATURE:
        raise TlogRefused("policy-unsound", "a key for notes does not cosign")
    if len(signature) != _TIME_BYTES + SIGNATURE_BYTES:
        raise TlogRefused("signature-invalid", "an Ed25519 cosignature has 72 bytes")
    timestamp = int.from_bytes(signature[:_TIME_BYTES], "big")
    if timestamp > MAX_NUMBER:
        raise TlogRefused("time-refused", "a cosignature's time has 63 bits")
    key.verify(cosigned_message(checkpoint, timestamp), signature[_TIME_BYTES:])
    if timestamp > latest:
        raise TlogRefused("time-refused", "a cosignature is from the future")
    return timestamp
