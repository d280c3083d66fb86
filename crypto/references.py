"""Orders, members of staff and consents leave a carrier or an office only as references that nobody else can compute.

Each kind has a key of its own, derived from a secret of the carrier (its account key) or of the office, so that an
order's number that equals an account's gives no equal reference. docs/spec/inquiry-context.md has the construction.
"""

import hashlib
import hmac
import unicodedata
from enum import Enum
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

REFERENCE_BYTES: Final = 16
_KEY_BYTES: Final = 32
_MOST_CHARACTERS: Final = 64


class Named(Enum):
    """The kinds of names, each with the label of its key."""

    ORDER = b"clearline/order/v1"
    AGENT = b"clearline/agent/v1"
    CONSENT = b"clearline/consent/v1"


class NameInvalid(ValueError):
    """A name that is empty, too long or not printable; it is not repeated."""


class References:
    """Makes the references of one carrier or office under its secret (32 bytes)."""

    def __init__(self, secret: bytes) -> None:
        self._keys = {each: derived_key(secret, each) for each in Named}

    def of(self, kind: Named, name: str) -> bytes:
        """Return the 16 bytes for a name of 1 to 64 characters after NFKC and without outer blanks.

        Raises NameInvalid.
        """
        text = _canonical(name)
        if not _is_canonical(text):
            raise NameInvalid
        return hmac.new(self._keys[kind], text.encode("utf-8"), hashlib.sha256).digest()[:REFERENCE_BYTES]


def is_name(name: str) -> bool:
    """Tell whether a reference can be made of the text."""
    return _is_canonical(_canonical(name))


def _canonical(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip()


def _is_canonical(text: str) -> bool:
    return 1 <= len(text) <= _MOST_CHARACTERS and text.isprintable()


def derived_key(secret: bytes, kind: Named) -> bytes:
    """Derive the key of a kind (32 bytes) by HKDF-SHA-256 (RFC 5869) without a salt."""
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=kind.value).derive(secret)
