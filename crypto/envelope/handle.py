"""Seals the case of a decision into its token: whoever shows the token names the subject, and can read nothing of it.

A handle is the quarter of its key (2 bytes), a nonce (12), and AES-256-GCM over the key epoch (4 bytes) and three index
keys (16 bytes each, zeros for an absent one) with its tag (16): 82 bytes. The associated data is everything else that
the token says, so that no claim can be changed, and no handle moved to another token.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from crypto.errors import BadInput, BadKey, SealBroken

KEY_BYTES: Final = 32
INDEX_KEY_BYTES: Final = 16
HANDLE_BYTES: Final = 2 + 12 + 4 + 3 * INDEX_KEY_BYTES + 16
_NONCE_BYTES: Final = 12
_VERSION: Final = b"clearline/decision-handle/v1\n"
_ABSENT: Final = bytes(INDEX_KEY_BYTES)
_MOST_QUARTER: Final = 2**16 - 1
_MOST_EPOCH: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The people of one decision: index keys (16 bytes) of one key epoch; None for a household that was not named."""

    epoch: int
    subject: bytes = field(repr=False)
    register: bytes | None = field(repr=False)
    address: bytes | None = field(repr=False)


def wrap_key(key: bytes, kek: bytes) -> bytes:
    """Wrap a quarter's key (32 bytes) for its place in the database: 40 bytes (RFC 3394)."""
    _check_key(key)
    _check_key(kek)
    return aes_key_wrap(kek, key)


def unwrap_key(wrapped: bytes, kek: bytes) -> bytes:
    """Unwrap a quarter's key; raises SealBroken if it was wrapped under another one, or changed."""
    _check_key(kek)
    try:
        key = aes_key_unwrap(kek, wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise SealBroken("the quarter's key does not unwrap") from error
    _check_key(key)
    return key


def quarter_of(handle: bytes) -> int:
    """Return the quarter whose key opens the handle; raises SealBroken for another length."""
    if len(handle) != HANDLE_BYTES:
        raise SealBroken("a handle has another length")
    return int.from_bytes(handle[:2], "big")


def seal_handle(case: Case, *, key: bytes, quarter: int, associated: bytes, random: Callable[[int], bytes]) -> bytes:
    """Seal a case under the quarter's key (32 bytes); ``random`` gives the nonce."""
    _check_key(key)
    if not 0 <= quarter <= _MOST_QUARTER or not 0 <= case.epoch <= _MOST_EPOCH:
        raise BadInput("a quarter has 2 bytes and a key epoch 4")
    keys = (case.subject, case.register or _ABSENT, case.address or _ABSENT)
    if any(len(each) != INDEX_KEY_BYTES for each in keys):
        raise BadInput("an index key has 16 bytes")
    head, nonce = quarter.to_bytes(2, "big"), random(_NONCE_BYTES)
    content = case.epoch.to_bytes(4, "big") + b"".join(keys)
    return head + nonce + AESGCM(key).encrypt(nonce, content, _VERSION + head + associated)


def open_handle(handle: bytes, *, key: bytes, associated: bytes) -> Case:
    """Open a handle with the key of its quarter; raises SealBroken if it or anything else of its token changed."""
    _check_key(key)
    quarter_of(handle)
    head, nonce, sealed = handle[:2], handle[2 : 2 + _NONCE_BYTES], handle[2 + _NONCE_BYTES :]
    try:
        content = AESGCM(key).decrypt(nonce, sealed, _VERSION + head + associated)
    except InvalidTag as error:
        raise SealBroken("the handle does not open for this token and key") from error
    subject, register, address = (content[4 + 16 * n : 20 + 16 * n] for n in range(3))
    return Case(
        epoch=int.from_bytes(content[:4], "big"),
        subject=subject,
        register=None if register == _ABSENT else register,
        address=None if address == _ABSENT else address,
    )


def _check_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise BadKey("a quarter's key has 32 bytes")
