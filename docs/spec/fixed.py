"""Makes the vectors' fixed keys, scalars and times from public labels, so that none may be used for real."""

# ruff: noqa: INP001 (a script's part, beside the pages it serves)

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.oprf import group

NOW: Final = dt.datetime(2026, 11, 21, 8, 0, 0, tzinfo=dt.UTC)


def stream(label: str) -> Callable[[int], bytes]:
    """Make a source of randomness that always gives the beginning of SHA-512("clearline vector: " || label)."""
    return lambda count: hashlib.sha512(f"clearline vector: {label}".encode()).digest()[:count]


def scalar(label: str) -> bytes:
    """Reduce the 64 bytes of ``stream(label)``, little-endian, modulo L."""
    return group.random_scalar(stream(label))


def signing_key(label: str) -> Ed25519PrivateKey:
    """Make the Ed25519 key whose seed is the first 32 bytes of ``stream(label)``."""
    return Ed25519PrivateKey.from_private_bytes(stream(label)(32))
