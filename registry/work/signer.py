"""Signs the log's heads with its private key, which is read when a head is to be signed and not before."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import KeyFileBad
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint


class LogSigner:
    """A registry serves and acknowledges without the key; heads wait for it."""

    __slots__ = ("_key", "_path", "_public_key")

    def __init__(self, path: Path, public_key: bytes) -> None:
        self._path = path
        self._public_key = public_key
        self._key: Ed25519PrivateKey | None = None

    def __call__(self, checkpoint: Checkpoint) -> bytes:
        """The signed note of a checkpoint, under its origin; raises KeyFileBad, after which the file is read again."""
        if self._key is None:
            key = load_private_key(self._path)
            if public_bytes(key) != self._public_key:
                raise KeyFileBad(f"{self._path}: is not the key whose public half stands beside it")
            self._key = key
        return sign_checkpoint(checkpoint, name=checkpoint.origin, private_key=self._key).encode()
