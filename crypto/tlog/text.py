"""The two small forms inside every C2SP text: decimal numbers and standard base64, one spelling each."""

import base64
import binascii
import re
from typing import Final

from crypto.errors import TlogRefused

MAX_NUMBER: Final = 2**63 - 1
"""Largest size, index or time: what a signed 64-bit integer holds, so that no reader has to wrap around."""
HASH_BYTES: Final = 32

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def parse_decimal(text: str) -> int:
    """An ASCII decimal without sign, separator or leading zero (tlog-checkpoint, tlog-proof, tlog-witness)."""
    if _DECIMAL.fullmatch(text) is None:
        raise TlogRefused("malformed", "a number is not a canonical decimal")
    number = int(text)
    if number > MAX_NUMBER:
        raise TlogRefused("malformed", "a number has more than 63 bits")
    return number


def base64_encode(raw: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def base64_decode(text: str) -> bytes:
    """The bytes whose standard base64 is exactly `text`; spare bits must be zero."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise TlogRefused("malformed", "not standard base64") from None
    # The last character may have spare bits that the library ignores: only what we would have written is read.
    if base64_encode(raw) != text:
        raise TlogRefused("malformed", "not canonical base64")
    return raw


def parse_hash(text: str) -> bytes:
    """A 32-byte hash on a line of its own."""
    raw = base64_decode(text)
    if len(raw) != HASH_BYTES:
        raise TlogRefused("malformed", "a hash does not have 32 bytes")
    return raw
