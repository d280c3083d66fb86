"""Signs the log's checkpoints with its private key, which it reads only when a checkpoint is to be signed."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.errors import KeyFileBad
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint


class LogSigner:
    """Without the key the registry still serves and acknowledges; only checkpoints wait."""

    __slots__ = ("_key", "_path", "_public_key")

    def __init__(self, path: Path, public_key: bytes) -> None:
        self._path = path
        self._public_key = public_key
        self._key: Ed25519PrivateKey | None = None

    def __call__(self, checkpoint: Checkpoint) -> bytes:
        """Sign a checkpoint under its origin; raises KeyFileBad, after which the next call reads the file again."""
        if self._key is None:
            key = load_private_key(self._path)
            if public_bytes(key) != self._public_key:
                raise KeyFileBad(f"{self._path}: is not the key whose public half stands beside it")
            self._key = key
        return sign_checkpoint(checkpoint, name=checkpoint.origin, private_key=self._key).encode()
