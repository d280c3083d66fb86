"""Tell database errors apart by SQLSTATE or SQLite's code, never by text or parameters."""

import sqlite3
from enum import Enum
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError

from protocol.problems import Problem, Refusal


class StaleVersion(Exception):
    """The row's version is no longer the one that was read."""


class Overtaken(Exception):
    """Another transaction committed the same rows first; the same work succeeds if it runs again."""


class OutcomeUnknown(Refusal):
    """The connection was lost, the database was silent, or it warned, while COMMIT was on its way: 503."""

    def __init__(self) -> None:
        super().__init__(
            Problem.UNAVAILABLE,
            detail="whether it was kept is not known; the same request with the same Idempotency-Key will tell",
        )


class DatabaseUnreachable(Exception):
    """The database could not be opened; the message says where it is and why, and holds no user and no password."""


class DatabaseUrlRefused(ValueError):
    """The setting names no database that a registry can use; the URL itself, which may hold a password, is left out."""


class StoreFailure(Exception):
    """The database refused because of a programming error.

    Names the error class, its code and the constraint; the driver's message, which quotes values, is left behind.
    """


class Fault(Enum):
    """The meaning of a database error for the transaction that it ended."""

    RETRY = "the transaction was rolled back; the same work may succeed if it is run again"
    LOST = "the connection was lost: before COMMIT nothing was kept, during COMMIT nobody knows"
    FULL = "the database cannot take more now"
    MISTAKE = "the statement itself is wrong"


_RETRY: Final = frozenset({"40001", "40P01", "55P03"})
"""Serialisation, deadlock, and a lock that was not got within the time that a statement gave itself."""
_LOST: Final = frozenset({"57P01", "57P02", "57P03", "25006", "53300"})
"""Server stopping, crashed or starting; a primary that became a standby; no connection left."""
_FULL: Final = frozenset({"53100", "53200", "53000"})
_CHECK_VIOLATED: Final = "23514"
_CITUS_ABORT: Final = "could not commit transaction for shard"

_PRIMARY_CODE: Final = 0xFF
_SQLITE_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_SQLITE_RETRY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def fault_of(error: DBAPIError) -> Fault:
    """Classify an error of either driver."""
    origin = error.orig
    if isinstance(origin, psycopg.Error):
        return _postgresql_fault(origin)
    if isinstance(origin, sqlite3.Error):
        return _sqlite_fault(origin)
    return Fault.MISTAKE


def _postgresql_fault(error: psycopg.Error) -> Fault:
    state = error.sqlstate
    if state is None:
        # The client library's own errors carry no SQLSTATE; the operational ones are about the connection.
        return Fault.LOST if isinstance(error, psycopg.OperationalError) else Fault.MISTAKE
    if state in _RETRY:
        return Fault.RETRY
    if state == _CHECK_VIOLATED and error.diag.constraint_name is None:
        # No constraint of ours, which all have names: the row's partition was made while the statement waited.
        return Fault.RETRY
    if state == "XX000" and _CITUS_ABORT in (error.diag.message_primary or ""):
        return Fault.RETRY
    if state in _LOST or state.startswith("08"):
        return Fault.LOST
    return Fault.FULL if state in _FULL else Fault.MISTAKE


def _sqlite_fault(error: sqlite3.Error) -> Fault:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in _SQLITE_RETRY:
        return Fault.RETRY
    return Fault.FULL if code in _SQLITE_FULL else Fault.MISTAKE


def describe(error: DBAPIError) -> str:
    """Describe the error without any value: class, code and constraint."""
    origin = error.orig
    parts = [type(origin).__name__]
    if isinstance(origin, psycopg.Error):
        parts += [each for each in (origin.sqlstate, origin.diag.table_name, origin.diag.constraint_name) if each]
    if isinstance(origin, sqlite3.Error):
        parts.append(getattr(origin, "sqlite_errorname", ""))
    return " ".join(parts).rstrip()
