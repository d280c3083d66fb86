"""Makes Ed25519 keys, reads and writes their files, and refuses unsafe public keys."""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.errors import BadKey, KeyFileBad, SealBroken, SignatureRefused

KEY_BYTES: Final = 32
MAX_KEY_ID: Final = 64
KEY_ID: Final = re.compile(rf"[A-Za-z0-9._:-]{{1,{MAX_KEY_ID}}}")
_MAX_FILE_BYTES: Final = 4096
_PURPOSE: Final = "signing key"

_FIELD_PRIME: Final = 2**255 - 19
_SIGN_BIT: Final = 1 << 255
# y-coordinates of the points of order 1, 2, 4 and 8 (the last two are each other's negative). Under such a key one
# signature can fit many messages, so that it proves nothing.
_ORDER_8_Y: Final = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SMALL_ORDER_Y: Final = frozenset({0, 1, _FIELD_PRIME - 1, _ORDER_8_Y, _FIELD_PRIME - _ORDER_8_Y})


def generate_signing_key(random: Callable[[int], bytes]) -> Ed25519PrivateKey:
    """Make a private key from 32 bytes of `random` (RFC 8032, section 5.1.5)."""
    return Ed25519PrivateKey.from_private_bytes(random(KEY_BYTES))


def public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """Return the 32-byte public encoding that is published and pinned."""
    public_key = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def load_public(encoded: bytes) -> Ed25519PublicKey:
    """Read a public key; refuse one that is not canonical or has small order."""
    if len(encoded) != KEY_BYTES:
        raise BadKey(f"an Ed25519 public key has {KEY_BYTES} bytes")
    y = int.from_bytes(encoded, "little") & ~_SIGN_BIT
    if y >= _FIELD_PRIME:
        raise BadKey("the Ed25519 public key is not canonically encoded")
    if y in _SMALL_ORDER_Y:
        raise BadKey("the Ed25519 public key has small order")
    return Ed25519PublicKey.from_public_bytes(encoded)


def check_key_id(key_id: str) -> None:
    """Refuse a key id that is long or needs quoting: key ids travel in headers and logs."""
    if KEY_ID.fullmatch(key_id) is None:
        raise SignatureRefused("malformed", f"the key id is not 1 to {MAX_KEY_ID} of A-Z a-z 0-9 . _ : -")


def save_private_key(
    key: Ed25519PrivateKey, path: Path, *, provider: KeyProvider = UNSEALED, purpose: str = _PURPOSE
) -> None:
    """Write a new PEM PKCS #8 file with mode 0600, sealed by the provider; an existing file is never overwritten."""
    pem = provider.seal(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), purpose=purpose)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileBad(f"{path}: cannot create the key file: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def load_private_key(path: Path, *, provider: KeyProvider = UNSEALED, purpose: str = _PURPOSE) -> Ed25519PrivateKey:
    """Read a PEM PKCS #8 file that only its owner can read, and that the provider opens. Raises KeyFileBad."""
    try:
        pem = provider.open(_read_private_file(path), purpose=purpose)
        key = load_pem_private_key(pem, password=None)
    except SealBroken as broken:
        raise KeyFileBad(f"{path}: {broken}") from None
    except (ValueError, TypeError) as error:
        raise KeyFileBad(f"{path}: not an unencrypted PEM private key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileBad(f"{path}: the private key is not Ed25519")
    return key


def _read_private_file(path: Path) -> bytes:
    # Read the mode of the open file: another process could swap the file between a stat and an open of its name.
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise KeyFileBad(f"{path}: not a regular file")
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileBad(f"{path}: readable or writable by others than its owner; run chmod 600")
            return file.read(_MAX_FILE_BYTES)
    except OSError as error:
        raise KeyFileBad(f"{path}: cannot read the key file: {error.strerror}") from error
