"""A signer of notes has a name, a kind of signature and an Ed25519 key, written as a vkey (c2sp.org/signed-note)."""

import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature

from crypto.errors import TlogRefused
from crypto.signing.keys import KEY_BYTES, load_public
from crypto.tlog.text import base64_decode, base64_encode

KEY_ID_BYTES: Final = 4
SIGNATURE_BYTES: Final = 64
MAX_VKEY_CHARACTERS: Final = 512
MAX_NAME_BYTES: Final = 255
_VKEY: Final = re.compile(r"([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


class SignatureKind(IntEnum):
    """The signature type bytes that we sign with and verify (signed-note, Signature types)."""

    NOTE = 0x01
    COSIGNATURE = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """One known signer; name and key id together say which line of a note is its own."""

    name: str
    kind: SignatureKind
    public_key: bytes
    key_id: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        load_public(self.public_key)
        object.__setattr__(self, "key_id", key_id(self.name, self.kind, self.public_key))

    @property
    def vkey(self) -> str:
        """Write `<name>+<key id in hex>+<base64 of type and key>`, the form that settings and policy files use."""
        return f"{self.name}+{self.key_id.hex()}+{base64_encode(bytes([self.kind]) + self.public_key)}"

    def verify(self, message: bytes, signature: bytes) -> None:
        """Refuse a signature that is not this key's Ed25519 signature over `message`; each kind has its own message."""
        try:
            load_public(self.public_key).verify(signature, message)
        except InvalidSignature:
            raise TlogRefused("signature-invalid", "a signature of a known key does not verify") from None


def key_id(name: str, kind: SignatureKind, public_key: bytes) -> bytes:
    """SHA-256(name || 0x0A || signature type || public key)[:4] (signed-note, Signatures)."""
    message = name.encode() + b"\n" + bytes([kind]) + public_key
    return hashlib.sha256(message).digest()[:KEY_ID_BYTES]


def parse_vkey(vkey: str) -> VerifierKey:
    """Read a vkey, as `VerifierKey.vkey` writes it. The key id must match; an unsafe key raises `BadKey`."""
    match = _VKEY.fullmatch(vkey) if len(vkey) <= MAX_VKEY_CHARACTERS else None
    if match is None:
        raise TlogRefused("malformed", "not a vkey")
    raw = base64_decode(match[3])
    if len(raw) != 1 + KEY_BYTES or raw[0] not in set(SignatureKind):
        raise TlogRefused("malformed", "a vkey of an unknown kind")
    key = VerifierKey(name=match[1], kind=SignatureKind(raw[0]), public_key=raw[1:])
    if key.vkey != vkey:
        raise TlogRefused("malformed", "the key id of a vkey is not that of its key")
    return key


def check_name(name: str) -> None:
    """Key names are not empty and have neither spaces of Unicode nor plus (signed-note, Format)."""
    if not name or "+" in name or any(each.isspace() or each < " " for each in name):
        raise TlogRefused("malformed", "not a key name")
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise TlogRefused("malformed", "a key name is not Unicode text") from None
    if size > MAX_NAME_BYTES:
        raise TlogRefused("too-large", "a key name has more than 255 bytes")
