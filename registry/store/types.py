"""Define column types that give the same Python value on SQLite and PostgreSQL."""

import datetime as dt
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)

_Processor = Callable[[Any], Any]


def _to_micros(value: dt.datetime | None) -> int | None:
    # A naive time fails here by itself: it cannot be subtracted from an aware one.
    return None if value is None else (value - _EPOCH) // _MICROSECOND


def _from_micros(value: int | None) -> dt.datetime | None:
    return None if value is None else _EPOCH + dt.timedelta(microseconds=value)


def _aware(value: dt.datetime | None) -> dt.datetime | None:
    # PostgreSQL would read a naive time in the session's zone.
    if value is not None and value.tzinfo is None:
        raise TypeError("a time without a zone cannot be stored")
    return value


def _in_utc(value: dt.datetime | None) -> dt.datetime | None:
    return None if value is None else value.astimezone(dt.UTC)


def _to_iso(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _from_iso(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _code(value: StrEnum | None) -> str | None:
    # Not ``value.value``, which runs Python: ten codes for each record of a firm pass through here.
    return None if value is None else value._value_


class Octets(sa.LargeBinary):
    """BYTEA or BLOB. Both drivers take and give ``bytes``; the stock type would wrap and copy each value."""

    def bind_processor(self, dialect: Dialect) -> None:  # noqa: ARG002 - SQLAlchemy calls it so
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:  # noqa: ARG002 - SQLAlchemy calls it so
        return None


class UtcTime(TypeDecorator[dt.datetime]):
    """An aware UTC time: TIMESTAMP WITH TIME ZONE, or whole microseconds since 1970 on SQLite (which has no zones)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.BigInteger())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> _Processor:
        return _to_micros if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor:  # noqa: ARG002 - SQLAlchemy calls it so
        return _from_micros if dialect.name == "sqlite" else _in_utc


class Day(TypeDecorator[dt.date]):
    """A calendar date: DATE, held as ISO text by SQLite."""

    impl = sa.Date
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> _Processor | None:
        return _to_iso if dialect.name == "sqlite" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor | None:  # noqa: ARG002 - SQLAlchemy calls it so
        return _from_iso if dialect.name == "sqlite" else None


class Coded(TypeDecorator[StrEnum]):
    """A member of a closed vocabulary, stored as its code."""

    impl = sa.String
    cache_ok = True

    def __init__(self, vocabulary: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.vocabulary = vocabulary

    def bind_processor(self, dialect: Dialect) -> _Processor:  # noqa: ARG002 - SQLAlchemy calls it so
        return _code

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor:  # noqa: ARG002 - as above
        members: dict[str | None, StrEnum | None] = {None: None, **{each.value: each for each in self.vocabulary}}
        return members.__getitem__


class CodedList(TypeDecorator[Iterable[StrEnum]]):
    """Some members of a closed vocabulary, stored as their codes with commas between."""

    impl = sa.String
    cache_ok = True

    def __init__(
        self, vocabulary: type[StrEnum], length: int, collection: Callable[[Iterable[StrEnum]], Iterable[StrEnum]]
    ) -> None:
        super().__init__(length)
        self.vocabulary = vocabulary
        self.collection = collection

    def bind_processor(self, dialect: Dialect) -> _Processor:  # noqa: ARG002 - SQLAlchemy calls it so
        return lambda members: ",".join(members if isinstance(members, tuple) else sorted(members))

    def result_processor(self, dialect: Dialect, coltype: object) -> _Processor:  # noqa: ARG002 - as above
        return lambda text: self.collection(self.vocabulary(each) for each in text.split(",") if each)
