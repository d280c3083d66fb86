"""Read a database's URL, and explain without its password why the database does not open."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from registry.store.errors import DatabaseUnreachable, DatabaseUrlRefused, Fault, describe, fault_of
from registry.store.write_gate import GateTimeout

_PORT: Final = 5432
_MOST: Final = 200
_PREFIX: Final = re.compile(
    r'^(connection (failed|is bad): )?(connection to server (at|on socket) ".*" *(\(.*\))?(, port \d+)? failed: )?'
)
_HIDDEN: Final = "..."
_PRIMARY_CODE: Final = 0xFF
_UNUSABLE_FILE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def read_url(database_url: str) -> URL:
    """Parse a database's URL; raises DatabaseUrlRefused, which repeats nothing of it."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlRefused(
            "database_url: is not a URL such as postgresql://user:password@host:5432/name"
        ) from None
    if url.host is not None and "@" in url.host:
        # With two @, the text behind the first, the rest of a password, would be reported as the host.
        raise DatabaseUrlRefused("database_url: write the @ in its user or password as %40")
    return url


def place_of(url: URL) -> str:
    """Return the database's file, or its host and port."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    sockets = url.query.get("host", ())
    hosts = [sockets] if isinstance(sockets, str) else list(sockets)
    ports = url.query.get("port", str(url.port or _PORT))
    port = ports if isinstance(ports, str) else ",".join(ports)
    host = url.host or ",".join(hosts) or "the local socket"
    has_ports = all(each.count(":") == 1 for each in host.split(","))
    return f"the database at {host}" if has_ports else f"the database at {host}:{port}"


@contextmanager
def opening(engine: Engine) -> Iterator[None]:
    """Turn the loss or lack of a connection into DatabaseUnreachable; any other error goes on as it is."""
    try:
        yield
    except DBAPIError as error:
        if not _is_about_opening(error):
            raise
        raise _unreachable(engine.url, error) from None
    except (PoolTimeout, GateTimeout):
        raise DatabaseUnreachable(f"{place_of(engine.url)} is held by another process; try again") from None


def told(url: URL, error: DBAPIError) -> str:
    """Word a database error for the log: place and reason for a connection's, else class and code without any value."""
    return str(_unreachable(url, error)) if fault_of(error) is Fault.LOST else describe(error)


def _is_about_opening(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY_CODE in _UNUSABLE_FILE
    return fault_of(error) in {Fault.LOST, Fault.FULL}


def _unreachable(url: URL, error: DBAPIError) -> DatabaseUnreachable:
    return DatabaseUnreachable(f"{place_of(url)} cannot be reached: {_reason(url, error)}")


def _reason(url: URL, error: DBAPIError) -> str:
    first, *_ = str(error.orig).splitlines() or [""]
    text = " ".join(_PREFIX.sub("", first).split())
    secrets = {url.password, *_texts(url.query.get("password", ()))} - {None, ""}
    for secret in secrets:
        text = text.replace(str(secret), _HIDDEN)
    return text[:_MOST] or type(error.orig).__name__


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
