"""Strict fields: one accepted spelling for each value, and stable codes instead of messages that quote input."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from marshmallow import RAISE, Schema, fields

from protocol.encodings import EncodingCode, EncodingError, b64url_decode, parse_moment

REQUIRED: Final = "required"
NULL: Final = "null"
INVALID: Final = "invalid"
UNKNOWN_FIELD: Final = "unknown-field"
WRONG_TYPE: Final = "wrong-type"
OUT_OF_RANGE: Final = "out-of-range"
NOT_BASE64URL: Final = "not-base64url"
CODES: Final = frozenset({REQUIRED, NULL, INVALID, UNKNOWN_FIELD, WRONG_TYPE, OUT_OF_RANGE, NOT_BASE64URL})

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,17}")
_EARLIEST: Final = dt.date(1900, 1, 1)
_LATEST: Final = dt.date(9998, 12, 31)
"""A year of room below the calendar's end, so that adding a lead time to a date cannot overflow."""
_ERRORS: Final[dict[str, str | list[Any] | dict[Any, Any]]] = {
    "required": REQUIRED,
    "null": NULL,
    "validator_failed": INVALID,
    "invalid": WRONG_TYPE,
}


class StrictSchema(Schema):
    """Refuses unknown members; every message is one of ``CODES``."""

    error_messages = {"unknown": UNKNOWN_FIELD, "type": WRONG_TYPE}  # noqa: RUF012 (marshmallow's own declaration)

    class Meta:
        """Options of marshmallow."""

        unknown = RAISE


class Text(fields.String):
    """A string that matches ``pattern`` as a whole; ``least`` to ``most`` characters."""

    default_error_messages = _ERRORS

    def __init__(self, pattern: str, *, least: int = 1, most: int, **options: Any) -> None:
        limits = {"pattern": f"^(?:{pattern})$", "minLength": least, "maxLength": most}
        super().__init__(metadata={**limits, **options.pop("metadata", {})}, **options)
        self._pattern = re.compile(pattern)
        self._least, self._most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not self._least <= len(value) <= self._most or self._pattern.fullmatch(value) is None:
            raise self.make_error("validator_failed")
        return value


class PlainText(Text):
    """Human text of printable characters: no control characters, line ends or direction marks."""

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(r"[^\x00-\x1f\x7f]*", most=most, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        text = super()._deserialize(value, attr, data, **rest)
        if not text.isprintable() or text != text.strip():
            raise self.make_error("validator_failed")
        return text


class Identifier(Text):
    """A UUID in its canonical lower-case form."""

    def __init__(self, **options: Any) -> None:
        pattern = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
        super().__init__(pattern, least=36, most=36, metadata={"format": "uuid"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        return uuid.UUID(super()._deserialize(value, attr, data, **rest))


class Code(fields.String):
    """A member of one of the closed vocabularies of protocol.codes, or of a part of one."""

    default_error_messages = _ERRORS

    def __init__(self, vocabulary: Iterable[StrEnum], **options: Any) -> None:
        vocabulary = tuple(vocabulary)
        # A JSON Schema enum lists every value there is, null included where it is one.
        null = [None] if options.get("allow_none") else []
        super().__init__(metadata={"enum": [*(each.value for each in vocabulary), *null]}, **options)
        self._members = {each.value: each for each in vocabulary}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if value not in self._members:
            raise self.make_error("validator_failed")
        return self._members[value]


class Whole(fields.Integer):
    """A whole number between two bounds; nothing else is rounded, parsed or taken for one."""

    default_error_messages = {**_ERRORS, "range": OUT_OF_RANGE}  # noqa: RUF012 (marshmallow's own declaration)

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        super().__init__(strict=True, metadata={"minimum": least, "maximum": most}, **options)
        self._least, self._most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if type(value) is not int:
            raise self.make_error("invalid")
        if not self._least <= value <= self._most:
            raise self.make_error("range")
        return value


class WholeInQuery(Whole):
    """The same, from the text of a query: ASCII digits without sign or leading zero."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
            raise self.make_error("invalid")
        return super()._deserialize(int(value), attr, data, **rest)


class YesNo(fields.Boolean):
    """JSON's true or false."""

    default_error_messages = _ERRORS

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Day(fields.Date):
    """A calendar date YYYY-MM-DD, in China's civil time where it matters."""

    default_error_messages = _ERRORS

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str) or _DATE.fullmatch(value) is None:
            raise self.make_error("invalid")
        try:
            day = dt.date.fromisoformat(value)
        except ValueError:
            raise self.make_error("validator_failed") from None
        if not _EARLIEST <= day <= _LATEST:
            raise self.make_error("validator_failed")
        return day


class Moment(fields.AwareDateTime):
    """A moment in UTC in the one form of protocol.encodings, within the years in which no conversion overflows."""

    default_error_messages = {**_ERRORS, "range": OUT_OF_RANGE}  # noqa: RUF012 (marshmallow's own declaration)

    def __init__(self, **options: Any) -> None:
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"
        super().__init__(default_timezone=None, metadata={"pattern": pattern}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return parse_moment(value)
        except EncodingError as wrong:
            out_of_range = wrong.code is EncodingCode.TIME_OUT_OF_RANGE
            raise self.make_error("range" if out_of_range else "validator_failed") from None


class Octets(fields.String):
    """Exactly ``length`` bytes in unpadded canonical base64url."""

    default_error_messages = {**_ERRORS, "encoding": NOT_BASE64URL}  # noqa: RUF012 (marshmallow's own declaration)

    def __init__(self, *, length: int, **options: Any) -> None:
        characters = (length * 8 + 5) // 6
        limits = {"pattern": f"^[A-Za-z0-9_-]{{{characters}}}$", "minLength": characters, "maxLength": characters}
        super().__init__(metadata=limits, **options)
        self._length = length

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return b64url_decode(value, length=self._length)
        except EncodingError:
            raise self.make_error("encoding") from None


class Blob(fields.String):
    """One to ``most`` bytes in unpadded canonical base64url."""

    default_error_messages = {**_ERRORS, "encoding": NOT_BASE64URL, "range": OUT_OF_RANGE}  # noqa: RUF012 (marshmallow's own declaration)

    def __init__(self, *, most: int, **options: Any) -> None:
        self._characters = (most * 8 + 5) // 6
        limits = {"pattern": "^[A-Za-z0-9_-]*$", "minLength": 2, "maxLength": self._characters}
        super().__init__(metadata=limits, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not 1 < len(value) <= self._characters:
            raise self.make_error("range")
        try:
            return b64url_decode(value)
        except EncodingError:
            raise self.make_error("encoding") from None


class Items(fields.List[Any]):
    """A list of ``least`` to ``most`` members."""

    default_error_messages = {**_ERRORS, "range": OUT_OF_RANGE}  # noqa: RUF012 (marshmallow's own declaration)

    def __init__(self, member: fields.Field[Any], *, least: int, most: int, **options: Any) -> None:
        super().__init__(member, metadata={"minItems": least, "maxItems": most}, **options)
        self._least, self._most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **rest: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if not self._least <= len(value) <= self._most:
            raise self.make_error("range")
        return super()._deserialize(value, attr, data, **rest)


class Part(fields.Nested):
    """A member that is an object of its own."""

    default_error_messages = {**_ERRORS, "type": WRONG_TYPE}  # noqa: RUF012 (marshmallow's own declaration)
