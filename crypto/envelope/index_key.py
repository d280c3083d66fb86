"""Computes the 16-byte key by which the registry finds a token N: HMAC-SHA-256 under the epoch's pepper, truncated."""

import hashlib
import hmac
from typing import Final, NewType

from crypto.errors import BadElement, BadKey

PEPPER_BYTES: Final = 32
ELEMENT_BYTES: Final = 32
INDEX_KEY_BYTES: Final = 16

IndexDomain = NewType("IndexDomain", bytes)

# The same element under two tags gives unrelated keys. A tag has one line feed, at its end, so that no tag is a
# prefix of another.
SUBJECT: Final = IndexDomain(b"clearline/index/v1/subject\n")
HOUSEHOLD_REGISTER: Final = IndexDomain(b"clearline/index/v1/household-register\n")
HOUSEHOLD_ADDRESS: Final = IndexDomain(b"clearline/index/v1/household-address\n")


def index_key(pepper: bytes, domain: IndexDomain, element: bytes) -> bytes:
    """Return the first 16 bytes of HMAC-SHA-256(pepper, domain || N): so short that the index fits in memory."""
    if len(pepper) != PEPPER_BYTES:
        raise BadKey(f"an index pepper has {PEPPER_BYTES} bytes")
    if len(element) != ELEMENT_BYTES or element == bytes(ELEMENT_BYTES):
        raise BadElement(f"a token has {ELEMENT_BYTES} bytes and is not the identity")
    return hmac.digest(pepper, domain + element, hashlib.sha256)[:INDEX_KEY_BYTES]
