"""The one JSON loader: it refuses texts that two readers could read differently, or that could exhaust memory or time.

Narrower than RFC 8259: strict UTF-8 without a byte order mark, bounded size and depth, no duplicate keys, integers
of 53 bits only (no fractions, exponents or minus zero), no NaN or Infinity, no NUL, no lone surrogate. Errors carry
a stable code and never the input.
"""

import json
import math
import re
from enum import StrEnum
from typing import Any, Final, NoReturn

from protocol.encodings import MAX_JSON_DEPTH, MAX_JSON_INTEGER


class StrictJsonCode(StrEnum):
    """The reasons why a body is not acceptable JSON."""

    TOO_LARGE = "TOO_LARGE"
    NOT_UTF8 = "NOT_UTF8"
    TOO_DEEP = "TOO_DEEP"
    NOT_JSON = "NOT_JSON"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    DUPLICATE_KEY = "DUPLICATE_KEY"
    INTEGER_OUT_OF_RANGE = "INTEGER_OUT_OF_RANGE"
    NOT_AN_INTEGER = "NOT_AN_INTEGER"
    FORBIDDEN_CHARACTER = "FORBIDDEN_CHARACTER"


class StrictJsonError(ValueError):
    """A body that is not acceptable JSON; ``code`` has the reason, the input is not repeated."""

    def __init__(self, code: StrictJsonCode) -> None:
        super().__init__(code.value)
        self.code = code


_MAX_DIGITS: Final = 17
"""Length of -9007199254740991: a longer figure is refused before it costs quadratic time to convert."""
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_ESCAPED_NUL_OR_SURROGATE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def loads(raw: bytes, *, max_bytes: int, max_depth: int = MAX_JSON_DEPTH, fractions: bool = False) -> Any:
    """Load one JSON text of at most ``max_bytes`` bytes and ``max_depth`` nested arrays and objects.

    ``fractions``: somebody else's message, whose prices may have them; none of them is ever a member that we read.
    """
    if len(raw) > max_bytes:
        raise StrictJsonError(StrictJsonCode.TOO_LARGE)
    _refuse_depth(raw, max_depth)
    try:
        value = (_WITH_FRACTIONS if fractions else _DECODER).decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise StrictJsonError(StrictJsonCode.NOT_UTF8) from None
    except json.JSONDecodeError:
        raise StrictJsonError(StrictJsonCode.NOT_JSON) from None
    # Raw surrogates cannot get here (the decoders refuse them); an escaped backslash before a u only costs time.
    if _ESCAPED_NUL_OR_SURROGATE.search(raw) is not None:
        _refuse_characters(value)
    return value


def load_object(
    raw: bytes, *, max_bytes: int, max_depth: int = MAX_JSON_DEPTH, fractions: bool = False
) -> dict[str, Any]:
    """Load like ``loads``, and refuse everything that is not an object."""
    value = loads(raw, max_bytes=max_bytes, max_depth=max_depth, fractions=fractions)
    if not isinstance(value, dict):
        raise StrictJsonError(StrictJsonCode.NOT_AN_OBJECT)
    return value


def _refuse_depth(raw: bytes, max_depth: int) -> None:
    """Scan in linear time before the recursive parser runs; the count is right up to the first byte beyond JSON."""
    if raw.count(b"[") + raw.count(b"{") <= max_depth:
        return
    # Without escaped backslashes and quotes, every other piece between quotes lies outside the strings.
    plain = raw.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in raw else raw
    depth = 0
    for bracket in b"".join(plain.split(b'"')[::2]).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > max_depth:
            raise StrictJsonError(StrictJsonCode.TOO_DEEP)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError(StrictJsonCode.DUPLICATE_KEY)
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise StrictJsonError(StrictJsonCode.INTEGER_OUT_OF_RANGE)
    if digits == "-0":
        raise StrictJsonError(StrictJsonCode.NOT_AN_INTEGER)
    value = int(digits)
    if abs(value) > MAX_JSON_INTEGER:  # so that it can be written again: canonical JSON has the same bound
        raise StrictJsonError(StrictJsonCode.INTEGER_OUT_OF_RANGE)
    return value


def _no_fraction(_: str) -> NoReturn:
    raise StrictJsonError(StrictJsonCode.NOT_AN_INTEGER)


def _fraction(digits: str) -> float:
    if len(digits) > _MAX_DIGITS:
        raise StrictJsonError(StrictJsonCode.NOT_AN_INTEGER)
    value = float(digits)
    if not math.isfinite(value):
        raise StrictJsonError(StrictJsonCode.NOT_AN_INTEGER)
    return value


def _no_constant(_: str) -> NoReturn:
    raise StrictJsonError(StrictJsonCode.NOT_JSON)


def _refuse_characters(value: object) -> None:
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
            raise StrictJsonError(StrictJsonCode.FORBIDDEN_CHARACTER)
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_characters(name)
            _refuse_characters(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_characters(member)


# Stateless and safe to share between threads; building one costs more than parsing a row.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_no_fraction, parse_constant=_no_constant
)
_WITH_FRACTIONS: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction, parse_constant=_no_constant
)
