"""Seals a part of a share for one receiver: HPKE (RFC 9180), DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.

A receiver makes a key pair for each dealer of one ceremony. It can therefore reveal one private key to show what that
dealer sent it, and reveals nothing else; and it deletes them all at the end, so that a later thief of its disk opens
nothing that was recorded on the way. `info` names the ceremony, the sender and the receiver.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from crypto.errors import BadKey, ShareRefused

KEY_BYTES: Final = 32
PART_BYTES: Final = 32
SEALED_BYTES: Final = KEY_BYTES + PART_BYTES + 16
"""The encapsulated key, the part, and the tag."""
_VERSION: Final = b"clearline/ceremony/part/v1\n"
_PROBE: Final = bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """A receiver's key pair for one dealer in one ceremony, raw X25519 keys."""

    private_key: bytes = field(repr=False)
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way of a part: the ceremony's id (32 bytes), the dealer's and the receiver's participant ids."""

    ceremony: bytes
    dealer: str
    receiver: str

    def info(self) -> bytes:
        """Write HPKE's `info`: each part with its length in two bytes."""
        parts = (self.ceremony, self.dealer.encode("ascii"), self.receiver.encode("ascii"))
        return _VERSION + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def make_sealing_key(random: Callable[[int], bytes]) -> SealingKey:
    """Make a receiver's key pair."""
    private_key = random(KEY_BYTES)
    return SealingKey(private_key=private_key, public_key=public_half(private_key))


def public_half(private_key: bytes) -> bytes:
    """Return the public key of a private one; raises BadKey."""
    try:
        return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()
    except ValueError:
        raise BadKey(f"a sealing key has {KEY_BYTES} bytes") from None


def check_sealing_key(public_key: bytes) -> None:
    """Refuse a key of low order, for which every sender's secret would be zero; raises BadKey."""
    try:
        X25519PrivateKey.from_private_bytes(_PROBE).exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError:
        raise BadKey("the sealing key is no X25519 public key, or of low order") from None


def seal_part(part: bytes, public_key: bytes, route: Route) -> bytes:
    """Seal a part (32 bytes) for its receiver; returns `SEALED_BYTES`. Raises BadKey."""
    check_sealing_key(public_key)
    return _suite().encrypt(part, X25519PublicKey.from_public_bytes(public_key), info=route.info())


def open_part(sealed: bytes, private_key: bytes, route: Route) -> bytes:
    """Open a sealed part; raises ShareRefused where it is not a part that was sealed for this route."""
    if len(sealed) != SEALED_BYTES:
        raise ShareRefused(f"a sealed part has {SEALED_BYTES} bytes")
    try:
        return _suite().decrypt(sealed, X25519PrivateKey.from_private_bytes(private_key), info=route.info())
    except (InvalidTag, ValueError):
        raise ShareRefused("the sealed part does not open for its receiver") from None


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
