"""Signs the log's checkpoints with its private key, which it reads only when a checkpoint is to be signed."""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.errors import KeyFileBad
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint

LOG_KEY: Final = "registry-log-key"
"""The purpose under which the log's key is sealed."""


class LogSigner:
    """Without the key the registry still serves and acknowledges; only checkpoints wait."""

    __slots__ = ("_key", "_path", "_provider", "_public_key")

    def __init__(self, path: Path, public_key: bytes, provider: KeyProvider = UNSEALED) -> None:
        self._path = path
        self._public_key = public_key
        self._provider = provider
        self._key: Ed25519PrivateKey | None = None

    def __call__(self, checkpoint: Checkpoint) -> bytes:
        """Sign a checkpoint under its origin; raises KeyFileBad, after which the next call reads the file again."""
        if self._key is None:
            key = load_private_key(self._path, provider=self._provider, purpose=LOG_KEY)
            if public_bytes(key) != self._public_key:
                raise KeyFileBad(f"{self._path}: is not the key whose public half stands beside it")
            self._key = key
        return sign_checkpoint(checkpoint, name=checkpoint.origin, private_key=self._key).encode()
