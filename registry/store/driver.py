"""Run prepared text on the driver's own cursor: SQLAlchemy's execution and result cost more than a small statement.

Listeners to SQLAlchemy's cursor events hear of these statements like of all others, and errors are SQLAlchemy's.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

Cursor = Any
"""A cursor of either driver."""


def execute(connection: Connection, text: str, parameters: Sequence[Any] = (), *, many: bool = False) -> Cursor:
    """Run the statement, with ``many`` for each row of parameters; returns the driver's cursor. Raises DBAPIError."""
    cursor: Cursor = connection.connection.cursor()
    told = (connection, cursor, text, parameters, None, many)
    for each in connection.dispatch.before_cursor_execute:
        each(*told)
    try:
        (cursor.executemany if many else cursor.execute)(text, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _named(connection, text, error) from error
    for each in connection.dispatch.after_cursor_execute:
        each(*told)
    return cursor


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
