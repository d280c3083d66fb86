"""Read the members of a local program's body: exact kinds and vocabularies; a refusal names the member alone."""

import datetime as dt
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, TypeVar

from crypto.references import is_name
from protocol.encodings import EncodingCode, EncodingError, parse_moment
from protocol.names import IDEMPOTENCY_KEY
from protocol.problems import Problem, Refusal

MOST_CHARACTERS: Final = 300
MOST_OF_A_REFERENCE: Final = 64
MOST_NAMED: Final = 16
"""A refusal names at most so many unknown members."""
MOST_DIGITS: Final = 3
"""A name with more digits may be a number: it is never repeated."""
_SHORT_NAME: Final = re.compile("[A-Za-z0-9_]{1,32}")
_IDEMPOTENCY_KEY: Final = re.compile(IDEMPOTENCY_KEY)
_Code = TypeVar("_Code", bound=StrEnum)


def only(table: dict[str, Any], known: frozenset[str], prefix: str) -> None:
    """Refuse members that nobody agreed on; a name that reads like a misspelt member is named, any other is ``*``."""
    unknown = table.keys() - known
    if unknown:
        named = sorted(filter(_may_be_named, unknown))[:MOST_NAMED]
        others = [] if len(named) == len(unknown) else ["*"]
        raise Refusal(Problem.INVALID_FIELD, fields={prefix + each: "UNKNOWN_FIELD" for each in [*named, *others]})


def text(table: dict[str, Any], name: str, prefix: str, *, required: bool = False, most: int = MOST_CHARACTERS) -> str:
    """Read a text; an absent one that is not required is empty."""
    value = table.get(name)
    if value is None and not required and name not in table:
        return ""
    if not isinstance(value, str):
        raise invalid(prefix + name, "REQUIRED" if name not in table else "WRONG_TYPE")
    if len(value) > most or (required and not value.strip()):
        raise invalid(prefix + name, "TOO_LONG" if len(value) > most else "EMPTY")
    return value


def matching(body: dict[str, Any], name: str, pattern: str, otherwise: str | None, *, needed: bool) -> str | None:
    """Read a code of the carrier's; ``otherwise`` holds where the body has none."""
    if name not in body and (otherwise is not None or not needed):
        return otherwise
    found = text(body, name, "", required=True)
    if re.fullmatch(pattern, found) is None:
        raise invalid(name, "MALFORMED")
    return found


def number(body: dict[str, Any], name: str, *, needed: bool) -> str | None:
    """Read a number of the carrier's own, of which a reference is made."""
    found = text(body, name, "", required=needed, most=MOST_OF_A_REFERENCE)
    if found and not is_name(found):
        raise invalid(name, "MALFORMED")
    return found or None


def whole(body: dict[str, Any], name: str, otherwise: int, most: int) -> int:
    """Read a whole number from 1 to ``most``; ``otherwise`` holds where the body has none."""
    value = body.get(name, otherwise)
    if type(value) is not int or not 1 <= value <= most:
        raise invalid(name, "OUT_OF_RANGE")
    return value


def flag(body: dict[str, Any], name: str) -> bool:
    """Read true or false; absent is false."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid(name, "WRONG_TYPE")
    return value


def code(table: dict[str, Any], name: str, prefix: str, kind: Iterable[_Code]) -> _Code:
    """Read a word of a vocabulary."""
    value = table.get(name)
    for each in kind:
        if each.value == value:
            return each
    raise invalid(prefix + name, "REQUIRED" if name not in table else "NOT_IN_VOCABULARY")


def moment(body: dict[str, Any], name: str) -> dt.datetime | None:
    """Read a time in UTC; None where the body has none."""
    found = text(body, name, "")
    try:
        return parse_moment(found) if found else None
    except EncodingError as wrong:
        out_of_range = wrong.code is EncodingCode.TIME_OUT_OF_RANGE
        raise invalid(name, "OUT_OF_RANGE" if out_of_range else "NOT_A_TIME") from None


def as_day(found: str, name: str) -> dt.date:
    """Read the text of a date."""
    try:
        day = dt.date.fromisoformat(found)
    except ValueError:
        raise invalid(name, "NOT_A_DATE") from None
    if day.isoformat() != found:
        raise invalid(name, "NOT_A_DATE")
    return day


def check_key(idempotency_key: str | None) -> None:
    """Refuse an Idempotency-Key of another form."""
    if idempotency_key is not None and _IDEMPOTENCY_KEY.fullmatch(idempotency_key) is None:
        raise invalid("Idempotency-Key", "MALFORMED")


def _may_be_named(name: str) -> bool:
    """Tell whether a refusal may repeat a name: it is input as well, and may be a misplaced number."""
    return _SHORT_NAME.fullmatch(name) is not None and sum(each.isdigit() for each in name) <= MOST_DIGITS


def invalid(field: str, code: str) -> Refusal:
    """Make the refusal of one member."""
    return Refusal(Problem.INVALID_FIELD, fields={field: code})
