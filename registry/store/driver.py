"""Run prepared text on the driver's own cursor: SQLAlchemy's execution and result cost more than a small statement.

Listeners to SQLAlchemy's cursor events hear of these statements like of all others, and errors are SQLAlchemy's.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Final

import psycopg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

Cursor = Any
"""A cursor of either driver."""

_PLACE: Final = re.compile("%([s%])")
_MOST_TEXTS: Final = 1_000


def execute(
    connection: Connection, text: str, parameters: Sequence[Any] = (), *, many: bool = False, afresh: bool = False
) -> Cursor:
    """Run the statement, with ``many`` for each row of parameters; returns the driver's cursor. Raises DBAPIError.

    ``afresh``: PostgreSQL plans it anew each time. A prepared statement's plan may have been made when its table was
    empty: it reads the whole table, and compares each row with each key, until the next ANALYZE.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    query = text if is_sqlite else _numbered(text)
    if many:
        return _run(connection, text, parameters, lambda cursor: cursor.executemany(query, parameters), many=True)
    if afresh and not is_sqlite:
        return _run(connection, text, parameters, lambda cursor: cursor.execute(query, parameters, prepare=False))
    return _run(connection, text, parameters, lambda cursor: cursor.execute(query, parameters))


def copy_in(connection: Connection, text: str, rows: bytes) -> int:
    """Run a COPY FROM STDIN with its input; returns the number of rows. Raises DBAPIError."""

    def copy(cursor: Cursor) -> None:
        with cursor.copy(text) as writer:
            writer.write(rows)

    return int(_run(connection, text, (), copy).rowcount)


def _run(
    connection: Connection, text: str, parameters: Sequence[Any], run: Callable[[Cursor], object], *, many: bool = False
) -> Cursor:
    cursor = _cursor(connection)
    told = (connection, cursor, text, parameters, None, many)
    for each in connection.dispatch.before_cursor_execute:
        each(*told)
    try:
        run(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, text, error) from error
    for each in connection.dispatch.after_cursor_execute:
        each(*told)
    return cursor


def _cursor(connection: Connection) -> Cursor:
    """Return a cursor of the driver; PostgreSQL's takes the text as it is, with the places $1, $2 and so on.

    Its other cursor reads a long text anew each time to find them, which takes a twentieth of an inquiry.
    """
    driver: object = connection.connection.dbapi_connection
    return psycopg.RawCursor(driver) if isinstance(driver, psycopg.Connection) else connection.connection.cursor()


@lru_cache(_MOST_TEXTS)
def _numbered(text: str) -> str:
    """Write PostgreSQL's own places for ``%s``, and a percent sign for two."""
    number = count(1)
    return _PLACE.sub(lambda found: "%" if found[1] == "%" else f"${next(number)}", text)


def _named(connection: Connection, text: str, error: Exception) -> Exception:
    """Return SQLAlchemy's error for the driver's; a connection that is lost goes back to no pool."""
    dialect, dbapi = connection.dialect, connection.dialect.loaded_dbapi
    is_lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    named: Exception = DBAPIError.instance(
        text, None, error, dbapi.Error, hide_parameters=True, connection_invalidated=is_lost, dialect=dialect
    )
    return named
