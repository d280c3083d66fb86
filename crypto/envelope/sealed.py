"""Seals a token N or a document at rest: AES-256-GCM under its own data key, wrapped by a key-encryption key (KEK).

The associated data is the suite, the KEK epoch and the caller's name for the row. A sealed value therefore opens only
in the row, and under the suite and epoch, that it was sealed for. The data key is wrapped with AES Key Wrap (RFC
3394), which needs no nonce: a KEK may wrap any number of keys. Tokens and documents differ in the first line of the
associated data, so that neither opens as the other.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from crypto.errors import BadElement, BadInput, BadKey, SealBroken

SUITE: Final = "AES-256-GCM"
KEY_BYTES: Final = 32
ELEMENT_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
WRAPPED_KEY_BYTES: Final = KEY_BYTES + 8
CIPHERTEXT_BYTES: Final = NONCE_BYTES + ELEMENT_BYTES + TAG_BYTES
MAX_DOCUMENT_BYTES: Final = 2**31 - 1
"""The most bytes that one call of the cipher takes; callers set their own, far lower bound."""
_VERSION: Final = b"clearline/envelope/v1\n"
_DOCUMENT_VERSION: Final = b"clearline/envelope/document/v1\n"
_MAX_EPOCH: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """The columns of a row: suite and epoch, 40 bytes of wrapped key, 60 bytes of nonce, ciphertext and tag."""

    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


def seal(element: bytes, kek: bytes, kek_epoch: int, associated: bytes, random: Callable[[int], bytes]) -> Sealed:
    """Seal a 32-byte token; `associated` names the row, `random` gives the data key and the nonce."""
    if len(element) != ELEMENT_BYTES:
        raise BadElement(f"a token has {ELEMENT_BYTES} bytes")
    return _seal(element, kek, kek_epoch, (_VERSION, associated), random)


def unseal(sealed: Sealed, kek: bytes, associated: bytes) -> bytes:
    """Return the token, or raise SealBroken if `sealed` or its row changed; `kek` is that of `sealed.kek_epoch`."""
    if len(sealed.ciphertext) != CIPHERTEXT_BYTES:
        raise SealBroken("the sealed value has another suite or length")
    return _unseal(sealed, kek, (_VERSION, associated))


def seal_document(
    content: bytes, kek: bytes, kek_epoch: int, associated: bytes, random: Callable[[int], bytes]
) -> Sealed:
    """Seal a document of 1 byte or more; its length is not hidden. The arguments are those of `seal`."""
    if not 1 <= len(content) <= MAX_DOCUMENT_BYTES:
        raise BadInput("a document has at least one byte and fits the cipher")
    return _seal(content, kek, kek_epoch, (_DOCUMENT_VERSION, associated), random)


def unseal_document(sealed: Sealed, kek: bytes, associated: bytes) -> bytes:
    """Return the document, or raise SealBroken if `sealed` or its row changed; `kek` is that of `sealed.kek_epoch`."""
    if len(sealed.ciphertext) <= NONCE_BYTES + TAG_BYTES:
        raise SealBroken("the sealed value has another suite or length")
    return _unseal(sealed, kek, (_DOCUMENT_VERSION, associated))


def _seal(
    content: bytes, kek: bytes, kek_epoch: int, named: tuple[bytes, bytes], random: Callable[[int], bytes]
) -> Sealed:
    """Seal a value under `named`: its kind and its row."""
    _check_kek(kek, kek_epoch)
    data_key, nonce = random(KEY_BYTES), random(NONCE_BYTES)
    ciphertext = AESGCM(data_key).encrypt(nonce, content, _associated_data(*named, kek_epoch))
    return Sealed(
        suite=SUITE, kek_epoch=kek_epoch, wrapped_key=aes_key_wrap(kek, data_key), ciphertext=nonce + ciphertext
    )


def _unseal(sealed: Sealed, kek: bytes, named: tuple[bytes, bytes]) -> bytes:
    _check_kek(kek, sealed.kek_epoch)
    if (sealed.suite, len(sealed.wrapped_key)) != (SUITE, WRAPPED_KEY_BYTES):
        raise SealBroken("the sealed value has another suite or length")
    nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
    try:
        data_key = aes_key_unwrap(kek, sealed.wrapped_key)
        return AESGCM(data_key).decrypt(nonce, ciphertext, _associated_data(*named, sealed.kek_epoch))
    except (InvalidUnwrap, InvalidTag) as error:
        raise SealBroken("the sealed value does not open for this row and key") from error


def _associated_data(version: bytes, associated: bytes, kek_epoch: int) -> bytes:
    # Parts of fixed length or with a line end come first, so that no two rows can give the same bytes.
    return version + SUITE.encode("ascii") + b"\n" + kek_epoch.to_bytes(8, "big") + associated


def _check_kek(kek: bytes, kek_epoch: int) -> None:
    if len(kek) != KEY_BYTES:
        raise BadKey(f"a key-encryption key has {KEY_BYTES} bytes")
    if not 0 <= kek_epoch <= _MAX_EPOCH:
        raise BadKey("a key-encryption key's epoch is a number from 0 to 2^63 - 1")
