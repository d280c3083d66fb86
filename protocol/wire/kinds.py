"""Define the kinds of members that messages have: each reads one spelling, writes it, and knows its bounds.

A message annotates its members with Python types. ``str``, ``int`` and ``bytes`` need bounds and so one of the
aliases or kinds of this module; enumerations, dates, moments, UUIDs, booleans and other messages need none.
"""

import datetime as dt
import re
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass, Verdict
from protocol.encodings import (
    EncodingCode,
    EncodingError,
    b64url_decode,
    b64url_encode,
    format_time,
    parse_moment,
)
from protocol.names import UUID_PATTERN
from protocol.problems import FieldCode
from protocol.states import RowNote

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_UUID: Final = re.compile(UUID_PATTERN)
_WORD: Final = re.compile("[A-Za-z][A-Za-z0-9_]{0,63}")
_ACTED_ON: Final = (DecisionCode, ReasonCode, Remedy, RowNote, ServiceClass, Verdict)
"""Vocabularies of answers that a carrier's system acts on: a word that it does not know is no answer."""
_EARLIEST: Final = dt.date(1900, 1, 1)
_LATEST: Final = dt.date(9998, 12, 31)
"""A year of room below the calendar's end, so that adding a lead time to a date cannot overflow."""


class Fault(ValueError):
    """A value that its kind does not read; ``code`` has the reason, the value is not repeated."""

    def __init__(self, code: FieldCode) -> None:
        super().__init__(code.value)
        self.code = code


class Kind(ABC):
    """One kind of member: each reads its own spelling; most write their values as they are."""

    __slots__ = ()

    @abstractmethod
    def read(self, value: Any) -> Any:
        """Read a JSON value as a typed value; raises Fault, or Malformed below a part or a list."""

    def read_newer(self, value: Any) -> Any:
        """The typed value of a JSON value from a sender that may be of a later release; raises Fault."""
        return self.read(value)

    def write(self, value: Any) -> Any:
        """Write a typed value as a JSON value."""
        return value

    def read_text(self, text: str) -> Any:
        """Read a query's text as a typed value; raises Fault."""
        return self.read(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Kind):
    """A whole number between two bounds; nothing else is rounded, parsed or taken for one."""

    least: int
    most: int

    def read(self, value: Any) -> int:
        if type(value) is not int:
            raise Fault(FieldCode.WRONG_TYPE)
        if not self.least <= value <= self.most:
            raise Fault(FieldCode.OUT_OF_RANGE)
        return value

    def read_newer(self, value: Any) -> int:
        """A later release may have widened the bounds: a figure of the rules, for one."""
        if type(value) is not int:
            raise Fault(FieldCode.WRONG_TYPE)
        return value

    def read_text(self, text: str) -> int:
        """Read ASCII digits without sign or leading zero."""
        if _DECIMAL.fullmatch(text) is None:
            raise Fault(FieldCode.WRONG_TYPE)
        return self.read(int(text))


class Text(Kind):
    """A string that matches ``pattern`` as a whole; ``least`` to ``most`` characters."""

    __slots__ = ("_matches", "least", "most", "pattern")

    def __init__(self, pattern: str, *, least: int = 1, most: int) -> None:
        self.pattern, self.least, self.most = pattern, least, most
        self._matches = re.compile(pattern).fullmatch

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        if not self.least <= len(value) <= self.most or self._matches(value) is None:
            raise Fault(FieldCode.INVALID)
        return value


class PlainText(Text):
    """Human text of printable characters: no control characters, line ends or direction marks."""

    __slots__ = ()

    def __init__(self, *, least: int = 1, most: int) -> None:
        super().__init__(r"[^\x00-\x1f\x7f]*", least=least, most=most)

    def read(self, value: Any) -> str:
        text = super().read(value)
        if not text.isprintable() or text != text.strip():
            raise Fault(FieldCode.INVALID)
        return text


class OpenText(Kind):
    """A string of any content, in answers only: its writer bounded it."""

    __slots__ = ()

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        return value


class OpenObject(Kind):
    """An object with members that are not agreed on, in answers only; ``of_lists``: each is a list of objects."""

    __slots__ = ("of_lists",)

    def __init__(self, *, of_lists: bool = False) -> None:
        self.of_lists = of_lists

    def read(self, value: Any) -> dict[str, Any]:
        if type(value) is not dict:
            raise Fault(FieldCode.WRONG_TYPE)
        return value


class Identifier(Kind):
    """A UUID in its canonical lower-case form."""

    __slots__ = ()

    def read(self, value: Any) -> uuid.UUID:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        if _UUID.fullmatch(value) is None:
            raise Fault(FieldCode.INVALID)
        return uuid.UUID(value)

    def write(self, value: uuid.UUID) -> str:
        return str(value)


class Code(Kind):
    """A member of a closed vocabulary, or of a part of one."""

    __slots__ = ("_may_grow", "_members", "vocabulary")

    def __init__(self, vocabulary: Collection[StrEnum]) -> None:
        self.vocabulary = tuple(vocabulary)
        self._may_grow = not isinstance(self.vocabulary[0], _ACTED_ON)
        self._members = {each.value: each for each in self.vocabulary}

    def read(self, value: Any) -> StrEnum:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        try:
            return self._members[value]
        except KeyError:
            raise Fault(FieldCode.INVALID) from None

    def read_newer(self, value: Any) -> str:
        """A word that a later release may have added is given as it is, where nobody acts on it."""
        if isinstance(value, str) and value not in self._members and self._may_grow and _WORD.fullmatch(value):
            return value
        return self.read(value)

    def write(self, value: str) -> str:
        return str(value)


class YesNo(Kind):
    """JSON's true or false."""

    __slots__ = ()

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Fault(FieldCode.WRONG_TYPE)
        return value


class Day(Kind):
    """A calendar date YYYY-MM-DD, in China's civil time where it matters."""

    __slots__ = ()

    def read(self, value: Any) -> dt.date:
        if not isinstance(value, str) or _DATE.fullmatch(value) is None:
            raise Fault(FieldCode.WRONG_TYPE)
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise Fault(FieldCode.INVALID) from None
        if not _EARLIEST <= day <= _LATEST:
            raise Fault(FieldCode.INVALID)
        return day

    def write(self, value: dt.date) -> str:
        return value.isoformat()


class Moment(Kind):
    """A moment in UTC in the one form of protocol.encodings, within the years in which no conversion overflows."""

    __slots__ = ()

    def read(self, value: Any) -> dt.datetime:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        try:
            return parse_moment(value)
        except EncodingError as wrong:
            out_of_range = wrong.code is EncodingCode.TIME_OUT_OF_RANGE
            raise Fault(FieldCode.OUT_OF_RANGE if out_of_range else FieldCode.INVALID) from None

    def write(self, value: dt.datetime) -> str:
        return format_time(value)


@dataclass(frozen=True, slots=True)
class Octets(Kind):
    """Exactly ``length`` bytes in unpadded canonical base64url."""

    length: int

    def read(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        try:
            return b64url_decode(value, length=self.length)
        except EncodingError:
            raise Fault(FieldCode.NOT_BASE64URL) from None

    def write(self, value: bytes) -> str:
        return b64url_encode(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob(Kind):
    """One to ``most`` bytes in unpadded canonical base64url."""

    most: int

    @property
    def characters(self) -> int:
        """The longest text."""
        return (self.most * 8 + 5) // 6

    def read(self, value: Any) -> bytes:
        if not isinstance(value, str):
            raise Fault(FieldCode.WRONG_TYPE)
        if not 1 < len(value) <= self.characters:
            raise Fault(FieldCode.OUT_OF_RANGE)
        try:
            return b64url_decode(value)
        except EncodingError:
            raise Fault(FieldCode.NOT_BASE64URL) from None

    def write(self, value: bytes) -> str:
        return b64url_encode(value)


@dataclass(frozen=True, slots=True)
class Items:
    """The bounds of a list's length; annotates a ``tuple[X, ...]``."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Key:
    """The name of a member on the wire, where Python keeps that word for itself."""

    name: str


@dataclass(frozen=True, slots=True)
class Note:
    """A description of a member in the interface's document."""

    text: str


@dataclass(frozen=True, slots=True)
class Added:
    """A member that a release added to an answer, with its value in answers of a release before it."""

    value: Any


class Nullable:
    """An optional member that may also be written as null."""
