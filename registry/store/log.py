"""The outbox of the access log: written with the business change, in one commit."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.evidence import LogEntry
from registry.store.schema import log_outbox
from registry.store.statements import Insert, fan_out

_INSERT: Final = Insert(log_outbox)
_PENDING: Final = sa.select(log_outbox).order_by(log_outbox.c.entry_id).limit(sa.bindparam("most"))


class Log:
    """Distribution key: ``subject_key``, but where marked as a fan-out."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[LogEntry]) -> None:
        _INSERT.run(self._connection, entries)

    @fan_out
    def pending(self, limit: int) -> tuple[LogEntry, ...]:
        """Entries that wait for the integrator, by id. Ids are no commit order: take what is there, never a range."""
        return tuple(LogEntry(**row) for row in self._connection.execute(_PENDING, {"most": limit}).mappings())
