"""One text form for bytes, times, money and hashed parts: any other than the canonical form is refused.

Nothing here repeats its input in an error: amounts and references are personal data. docs/spec/encodings.md is the
specification, docs/spec/vectors/encodings.json has vectors for other languages.
"""

import binascii
import datetime as dt
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

import orjson

from protocol.beijing import BEIJING

MAX_FEN: Final = 10**12
"""Ten billion yuan, the largest amount that can be written (the same bound as in the messages)."""
MAX_DEBT_FEN: Final = 10**10
"""A hundred million yuan, the largest principal and the largest costs of one record: no sum of them leaves 53 bits."""
MAX_PART_BYTES: Final = 0xFFFF
"""Longest part of an OPRF input, in bytes of UTF-8: its length is written in 16 bits."""
MAX_JSON_DEPTH: Final = 16
"""Deepest nesting of canonical JSON; the strict loader reads no deeper by default."""
MAX_JSON_INTEGER: Final = 2**53 - 1
"""Largest integer of JSON, either sign: every language holds it exactly, also where all numbers are doubles."""

EARLIEST_MOMENT: Final = dt.datetime(1900, 1, 1, tzinfo=BEIJING)
MOMENTS_END: Final = dt.datetime(2200, 1, 1, tzinfo=BEIJING)
"""Times in messages are in the years 1900 to 2199 in Beijing, so that no date, deadline or zone of one overflows."""

_OPRF_VERSION: Final = "clearline/oprf/v1"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z")
_YUAN = re.compile(r"(0|[1-9][0-9]{0,10}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,3})(?:\.([0-9]{1,2}))?")
_WIDE_AMOUNT = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
_JSON_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS  # sorted by code points; for ASCII keys RFC 8785 asks for the same order
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_JSON_LEAVES: Final = frozenset({str, int, bool, type(None)})
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TO_BASE64URL: Final = bytes.maketrans(b"+/", b"-_")
_TO_BASE64: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
"""From the alphabet of base64url to the library's, whose own signs, padding too, become foreign ones."""
_BLANKS: Final = " \t\u00a0\u3000"
_MAX_AMOUNT_TEXT: Final = 40


class EncodingCode(StrEnum):
    """The reasons why a value has no canonical form, or a text is not canonical."""

    NOT_BASE64URL = "NOT_BASE64URL"
    WRONG_LENGTH = "WRONG_LENGTH"
    NOT_A_TIME = "NOT_A_TIME"
    NAIVE_TIME = "NAIVE_TIME"
    TIME_OUT_OF_RANGE = "TIME_OUT_OF_RANGE"
    NOT_CANONICAL_JSON = "NOT_CANONICAL_JSON"
    NOT_UNICODE = "NOT_UNICODE"
    PART_TOO_LONG = "PART_TOO_LONG"


class AmountCode(StrEnum):
    """The reasons why a text is not an amount in yuan."""

    NOT_AN_AMOUNT = "NOT_AN_AMOUNT"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"


class EncodingError(ValueError):
    """A value without a canonical form; ``code`` has the reason, the input is not repeated."""

    def __init__(self, code: EncodingCode) -> None:
        super().__init__(code.value)
        self.code = code


class AmountError(ValueError):
    """A text that is not an amount in yuan; ``code`` has the reason, the input is not repeated."""

    def __init__(self, code: AmountCode) -> None:
        super().__init__(code.value)
        self.code = code


def b64url_encode(raw: bytes) -> str:
    """Encode bytes in base64url of RFC 4648 section 5, without padding."""
    return binascii.b2a_base64(raw, newline=False).translate(_TO_BASE64URL, b"=").decode("ascii")


def b64url_decode(text: str, *, length: int | None = None) -> bytes:
    """Decode the bytes whose unpadded base64url is exactly ``text``; there must be ``length`` of them."""
    try:
        # Not ``text.encode``: a parsed document may hold something else here, which is a TypeError as for any reader.
        padded = str.encode(text, "ascii").translate(_TO_BASE64) + b"=" * (-len(text) % 4)
        raw = binascii.a2b_base64(padded)
    except ValueError:
        raise EncodingError(EncodingCode.NOT_BASE64URL) from None
    # The library skips foreign characters and ignores spare bits, so compare with the text that we would write.
    if binascii.b2a_base64(raw, newline=False) != padded:
        raise EncodingError(EncodingCode.NOT_BASE64URL)
    if length is not None and len(raw) != length:
        raise EncodingError(EncodingCode.WRONG_LENGTH)
    return raw


@lru_cache(maxsize=64)
def format_time(moment: dt.datetime) -> str:
    """Write RFC 3339 in UTC with microseconds and Z: ``2026-11-21T08:00:00.000000Z``."""
    if moment.utcoffset() is None:
        raise EncodingError(EncodingCode.NAIVE_TIME)
    utc = moment.astimezone(dt.UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> dt.datetime:
    """Read what ``format_time`` writes, aware and in UTC; no other spelling of a time is read."""
    if _TIME.fullmatch(text) is None:
        raise EncodingError(EncodingCode.NOT_A_TIME)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise EncodingError(EncodingCode.NOT_A_TIME) from None


def parse_moment(text: str) -> dt.datetime:
    """Read a time of a message: the form of ``parse_time``, in the years 1900 to 2199 in Beijing.

    Read every time from another party by this; ``parse_time`` checks the form only.
    """
    moment = parse_time(text)
    if not EARLIEST_MOMENT <= moment < MOMENTS_END:
        raise EncodingError(EncodingCode.TIME_OUT_OF_RANGE)
    return moment


def canonical_json(value: object) -> bytes:
    """Write the one JSON text of a value: RFC 8785 with ASCII keys, integers of 53 bits, no floats, in UTF-8."""
    _refuse_uncanonical(value, 0)
    try:
        return orjson.dumps(value, option=_JSON_OPTIONS)
    except orjson.JSONEncodeError:  # the library's message may repeat the value
        not_unicode = _holds_surrogate(value)
    raise EncodingError(EncodingCode.NOT_UNICODE if not_unicode else EncodingCode.NOT_CANONICAL_JSON)


def oprf_input(tag: str, *parts: str) -> bytes:
    """Build the input to hash to the group: version, domain tag and parts, each as 16-bit big-endian length and UTF-8.

    No two different (tag, parts) give the same bytes, since every part carries its length.
    """
    return b"".join(_length_prefixed(part) for part in (_OPRF_VERSION, tag, *parts))


def parse_yuan(text: str) -> int:
    """Read an amount in yuan as fen: ``12.30``, ``0.5``, ``100``, ``1,234.50``, and the same in full width.

    No sign, currency mark, exponent or leading zero (a zero-padded figure is usually a field in fen), at most two
    decimals, and commas only where they part the thousands.
    """
    if len(text) > _MAX_AMOUNT_TEXT:
        raise AmountError(AmountCode.NOT_AN_AMOUNT)
    found = _YUAN.fullmatch(text.strip(_BLANKS).translate(_WIDE_AMOUNT))
    if found is None:
        raise AmountError(AmountCode.NOT_AN_AMOUNT)
    yuan, decimals = found.groups(default="")
    fen = int(yuan.replace(",", "") + decimals.ljust(2, "0"))
    if fen > MAX_FEN:
        raise AmountError(AmountCode.AMOUNT_TOO_LARGE)
    return fen


def _length_prefixed(part: str) -> bytes:
    try:
        raw = part.encode("utf-8")
    except UnicodeEncodeError:
        raise EncodingError(EncodingCode.NOT_UNICODE) from None
    if len(raw) > MAX_PART_BYTES:
        raise EncodingError(EncodingCode.PART_TOO_LONG)
    return len(raw).to_bytes(2, "big") + raw


def _refuse_uncanonical(value: object, depth: int) -> None:
    """Raise for values that only orjson allows: floats, UUIDs, enums of numbers, other keys, deeper nesting.

    It runs for each log entry, so one call checks all keys of an object, and leaves cost no call.
    """
    members: Iterable[object]
    if type(value) is dict:
        members = value.values()
        try:
            ascii_keys = "".join(value).isascii()
        except TypeError:  # a key is no text
            ascii_keys = False
        if not ascii_keys:
            raise EncodingError(EncodingCode.NOT_CANONICAL_JSON)
    elif type(value) is list or type(value) is tuple:
        members = value
    elif type(value) in _JSON_LEAVES or isinstance(value, StrEnum):
        return
    else:
        raise EncodingError(EncodingCode.NOT_CANONICAL_JSON)
    if depth == MAX_JSON_DEPTH:
        raise EncodingError(EncodingCode.NOT_CANONICAL_JSON)
    if _JSON_LEAVES.issuperset(map(type, members)):
        return
    for member in members:
        if type(member) not in _JSON_LEAVES:
            _refuse_uncanonical(member, depth + 1)


def _holds_surrogate(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_surrogate, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_surrogate, value))
    return isinstance(value, str) and _SURROGATE.search(value) is not None
