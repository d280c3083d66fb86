"""A token N at rest: AES-256-GCM under a data key of its own, which is wrapped by a key-encryption key (KEK).

The associated data is the suite, the KEK epoch and what the caller says of the row, so a sealed value opens only in the
row, and under the suite and epoch, that it was sealed for. The data key is wrapped with AES Key Wrap (RFC 3394), which
needs no nonce: a KEK may wrap any number of keys.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from crypto.errors import BadElement, BadKey, SealBroken

SUITE: Final = "AES-256-GCM"
KEY_BYTES: Final = 32
ELEMENT_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
WRAPPED_KEY_BYTES: Final = KEY_BYTES + 8
CIPHERTEXT_BYTES: Final = NONCE_BYTES + ELEMENT_BYTES + TAG_BYTES
_VERSION: Final = b"clearline/envelope/v1\n"
_MAX_EPOCH: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a row keeps: how it was sealed, 40 bytes of wrapped key, 60 bytes of nonce, ciphertext and tag."""

    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


def seal(element: bytes, kek: bytes, kek_epoch: int, associated: bytes, random: Callable[[int], bytes]) -> Sealed:
    """Seal a 32-byte token; `associated` names the row, `random` gives the data key and the nonce."""
    if len(element) != ELEMENT_BYTES:
        raise BadElement(f"a token has {ELEMENT_BYTES} bytes")
    _check_kek(kek, kek_epoch)
    data_key, nonce = random(KEY_BYTES), random(NONCE_BYTES)
    ciphertext = AESGCM(data_key).encrypt(nonce, element, _associated_data(kek_epoch, associated))
    return Sealed(
        suite=SUITE, kek_epoch=kek_epoch, wrapped_key=aes_key_wrap(kek, data_key), ciphertext=nonce + ciphertext
    )


def unseal(sealed: Sealed, kek: bytes, associated: bytes) -> bytes:
    """The token, if nothing of `sealed` or of its row has changed; `kek` is the one of `sealed.kek_epoch`."""
    _check_kek(kek, sealed.kek_epoch)
    if (sealed.suite, len(sealed.wrapped_key), len(sealed.ciphertext)) != (SUITE, WRAPPED_KEY_BYTES, CIPHERTEXT_BYTES):
        raise SealBroken("the sealed value has another suite or length")
    nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
    try:
        data_key = aes_key_unwrap(kek, sealed.wrapped_key)
        return AESGCM(data_key).decrypt(nonce, ciphertext, _associated_data(sealed.kek_epoch, associated))
    except (InvalidUnwrap, InvalidTag) as error:
        raise SealBroken("the sealed value does not open for this row and key") from error


def _associated_data(kek_epoch: int, associated: bytes) -> bytes:
    # Fixed-length and line-ended parts come first: no two rows can give the same bytes.
    return _VERSION + SUITE.encode("ascii") + b"\n" + kek_epoch.to_bytes(8, "big") + associated


def _check_kek(kek: bytes, kek_epoch: int) -> None:
    if len(kek) != KEY_BYTES:
        raise BadKey(f"a key-encryption key has {KEY_BYTES} bytes")
    if not 0 <= kek_epoch <= _MAX_EPOCH:
        raise BadKey("a key-encryption key's epoch is a number from 0 to 2^63 - 1")
