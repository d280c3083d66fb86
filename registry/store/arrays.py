"""Send whole columns as PostgreSQL arrays: one statement takes thousands of rows, and the server plans it once.

The driver's bulk form sends a statement for each row, and the server parses and plans each of them: a firm's three
thousand rows took seconds, in which nobody else could ask about the firm. The driver's own arrays cost us more time
than they save the server, so the text of an array is written here.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import psycopg

_LENGTH: Final = re.compile(r"\(\d+\)")
_NULL: Final = "NULL"
_FEW: Final = 16


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _octets(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


_WRITTEN: Final[Mapping[type, Callable[[Any], str]]] = {
    bytes: _octets,
    str: _quoted,
    int: int.__repr__,
    bool: lambda value: "t" if value else "f",
    UUID: attrgetter("hex"),
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
}
"""The form of a value in the text of an array, by the type that the driver gets."""


def rows_of(columns: Iterable["sa.Column[Any]"]) -> str:
    """Write the SQL text that makes rows of one array for each column."""
    # Without its length: a cast would cut a text that is too long, and the column has to refuse it.
    dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
    types = (_LENGTH.sub("", each.type.compile(dialect)) for each in columns)
    return f"unnest({', '.join(f'%s::{each}[]' for each in types)})"


def arrays(rows: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    """Make the parameters of ``rows_of``: the columns of rows that are converted for the driver."""
    return tuple(map(array, zip(*rows, strict=True)))


def array(values: Collection[Any]) -> str:
    """Make the parameter of one column, of values that are converted for the driver and all of one type."""
    if len(values) <= _FEW:
        return "{" + ",".join([_NULL if each is None else _WRITTEN[type(each)](each) for each in values]) + "}"
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return "{" + ",".join([_NULL] * len(values)) + "}"
    (kind,) = kinds
    written = _WRITTEN[kind]
    if kind is UUID:
        return "{" + ",".join([_NULL if each is None else each.hex for each in values]) + "}"
    # Most columns of a firm's rows repeat a few values: states, days, its own key.
    texts = {each: _NULL if each is None else written(each) for each in set(values)}
    return "{" + ",".join([texts[each] for each in values]) + "}"
