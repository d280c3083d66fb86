"""Read and write the registry's secret file: index peppers and key-encryption keys, JSON with mode 0600."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.errors import SealBroken
from protocol.encodings import EncodingError, b64url_decode, b64url_encode
from serving.files import FOR_ALL, public_half, read_private, write_durably, write_new

KEY_BYTES: Final = 32
KEYS: Final = "registry-key-file"
"""The purpose under which the secret file is sealed."""
SIGNING_KEY: Final = "registry-signing-key"
"""The purpose under which the key of the registry's answers is sealed."""
_MAX_FILE_BYTES: Final = 65_536


class KeyFileRefused(Exception):
    """The file is missing, readable by others, or not of the expected form; its content is never repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageKeys:
    """Peppers by key epoch and key-encryption keys by their own epoch, 32 bytes each."""

    peppers: Mapping[int, bytes] = field(repr=False)
    key_encryption_keys: Mapping[int, bytes] = field(repr=False)
    current_key_encryption_epoch: int


def generate(random: Callable[[int], bytes], *, epoch: int) -> StorageKeys:
    """Make fresh keys for the first key epoch."""
    return StorageKeys(
        peppers={epoch: random(KEY_BYTES)},
        key_encryption_keys={1: random(KEY_BYTES)},
        current_key_encryption_epoch=1,
    )


def save(keys: StorageKeys, path: Path, *, provider: KeyProvider = UNSEALED) -> None:
    """Write a new file with mode 0600, sealed by the provider; an existing one stays as it is (FileExistsError)."""
    document = {
        "peppers": {str(epoch): b64url_encode(key) for epoch, key in keys.peppers.items()},
        "key_encryption_keys": {str(epoch): b64url_encode(key) for epoch, key in keys.key_encryption_keys.items()},
        "current_key_encryption_epoch": keys.current_key_encryption_epoch,
    }
    write_new(path, provider.seal(json.dumps(document, indent=2, sort_keys=True).encode("ascii"), purpose=KEYS))


def save_public_half(public_key: bytes, private: Path) -> None:
    """Write a public key (32 bytes) beside the file of its private one, for processes that do not sign."""
    write_durably(public_half(private), f"{b64url_encode(public_key)}\n".encode("ascii"), FOR_ALL)


def load_public_half(private: Path) -> bytes:
    """Read the public key beside a private key's file; raises KeyFileRefused."""
    path = public_half(private)
    try:
        return b64url_decode(path.read_text(encoding="ascii").strip(), length=KEY_BYTES)
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}; `clearline registry init` makes it") from None
    except (EncodingError, UnicodeDecodeError):
        raise KeyFileRefused(f"{path}: is not 32 bytes in base64url") from None


def load(path: Path, *, provider: KeyProvider = UNSEALED) -> StorageKeys:
    """Read the file back, which the provider opens; raises KeyFileRefused, naming the file and the reason only."""
    try:
        document = json.loads(provider.open(read_private(path, _MAX_FILE_BYTES), purpose=KEYS))
        return StorageKeys(
            peppers=_keys(document["peppers"]),
            key_encryption_keys=_keys(document["key_encryption_keys"]),
            current_key_encryption_epoch=int(document["current_key_encryption_epoch"]),
        )
    except OSError as error:
        raise KeyFileRefused(f"{path}: {error.strerror}") from None
    except SealBroken as broken:
        raise KeyFileRefused(f"{path}: {broken}") from None
    except (ValueError, KeyError, TypeError, AttributeError, EncodingError):
        raise KeyFileRefused(f"{path}: not a registry key file") from None


def _keys(document: Mapping[str, str]) -> dict[int, bytes]:
    return {int(epoch): b64url_decode(text, length=KEY_BYTES) for epoch, text in document.items()}
