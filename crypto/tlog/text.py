"""Reads the two small forms inside every C2SP text, decimal numbers and standard base64, in one spelling each."""

import base64
import binascii
import re
from typing import Final

from crypto.errors import TlogRefused

MAX_NUMBER: Final = 2**63 - 1
"""The largest size, index or time: that of a signed 64-bit integer, so that no reader overflows."""
HASH_BYTES: Final = 32

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")


def parse_decimal(text: str) -> int:
    """Read an ASCII decimal without sign, separator or leading zero (tlog-checkpoint, tlog-proof, tlog-witness)."""
    if _DECIMAL.fullmatch(text) is None:
        raise TlogRefused("malformed", "a number is not a canonical decimal")
    number = int(text)
    if number > MAX_NUMBER:
        raise TlogRefused("malformed", "a number has more than 63 bits")
    return number


def base64_encode(raw: bytes) -> str:
    """Write standard base64 with padding (RFC 4648, section 4)."""
    return binascii.b2a_base64(raw, newline=False).decode("ascii")


def base64_decode(text: str) -> bytes:
    """Read the bytes whose standard base64 is exactly `text`; spare bits must be zero."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise TlogRefused("malformed", "not standard base64") from None
    # The last character may have spare bits that the library ignores: refuse any spelling but our own.
    if base64_encode(raw) != text:
        raise TlogRefused("malformed", "not canonical base64")
    return raw


def parse_hash(text: str) -> bytes:
    """Read a 32-byte hash from its own line."""
    raw = base64_decode(text)
    if len(raw) != HASH_BYTES:
        raise TlogRefused("malformed", "a hash does not have 32 bytes")
    return raw
