"""Keep the ids of log entries that wait for their place in a tree."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.log import LogEntry, Waiting
from registry.domain.log_faults import LogDamaged
from registry.store import columns
from registry.store.errors import StaleVersion
from registry.store.prepared import Insert
from registry.store.repository import Repository, driver_rows, fan_out

# No foreign key to the opening: it would be checked once more for each entry, which the integrator does anyway.
log_pending: Final = sa.Table(
    "log_pending",
    columns.metadata,
    columns.uuid("entry_id"),
    sa.PrimaryKeyConstraint("entry_id"),
    info=columns.BY_ENTRY,
    sqlite_with_rowid=False,
)


_LOWEST: Final = uuid.UUID(int=0)
# Plain text, and columns instead of values: each of a batch's thousand rows passes through here.
_PENDING_SQLITE: Final = (
    "SELECT p.entry_id, o.core, o.core_salt FROM log_pending AS p LEFT JOIN log_opening AS o ON o.entry_id = p.entry_id"
    " WHERE p.entry_id >= ? AND p.entry_id < ? ORDER BY p.entry_id LIMIT ?"
)
# Two statements: of a join the planner expects few matches, and reads all openings instead. The lateral join that
# makes it go row by row runs on no engine whose tables are spread.
_PENDING_POSTGRESQL: Final = (
    "SELECT uuid_send(entry_id) FROM log_pending WHERE entry_id >= %s AND entry_id < %s ORDER BY entry_id LIMIT %s"
)
# The ids as values tell the planner which months to open.
_CORES_POSTGRESQL: Final = (
    "SELECT uuid_send(entry_id), core, core_salt FROM log_opening WHERE entry_id = ANY (%s::uuid[])"
)
# SQLite's one writer has read all rows between the first id and the last, and nobody else writes until it commits: it
# deletes exactly those rows, which the count shows. One by one takes four times as long.
_TAKE_OUT_SQLITE: Final = "DELETE FROM log_pending WHERE entry_id >= ? AND entry_id <= ?"
_TAKE_OUT_POSTGRESQL: Final = "DELETE FROM log_pending WHERE entry_id = ANY (%s::uuid[])"
_OLDEST: Final = (
    sa.select(log_pending.c.entry_id)
    .where(log_pending.c.entry_id >= sa.bindparam("start"))
    .order_by(log_pending.c.entry_id)
    .limit(1)
)
_COUNT: Final = sa.select(sa.func.count()).select_from(log_pending)
_WAIT: Final = Insert(log_pending)


def cores_on_postgresql(connection: Connection, entry_ids: Collection[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    """Read (core, core salt) by id of the existing ones of these entries, on PostgreSQL."""
    if not entry_ids:
        return {}
    rows = driver_rows(connection.exec_driver_sql(_CORES_POSTGRESQL, (_array(entry_ids),)))
    return {entry_id: (core, salt) for entry_id, core, salt in rows}


def _array(entry_ids: Collection[bytes]) -> str:
    """Write the text of an array: the driver's own array of a thousand values takes longer than hashing them."""
    return f"{{{','.join(map(bytes.hex, entry_ids))}}}"


class Pending(Repository):
    """Distribution key: ``entry_id``; the integrator takes whatever waits on any node."""

    def add(self, entries: Sequence[LogEntry]) -> None:
        _WAIT.add_rows(self._connection, [(each.entry_id,) for each in entries])

    @fan_out
    def batch(self, start: uuid.UUID, end: uuid.UUID, limit: int) -> Waiting:
        """Read the waiting entries with ids from ``start`` to before ``end``, a year's.

        Ids are no commit order: take whatever waits, never only ids behind the last one taken. Raises
        LogDamaged where an entry waits whose opening is gone: it cannot be hashed, and is not passed over in silence.
        """
        if not self._is_sqlite:
            rows = driver_rows(self._connection.exec_driver_sql(_PENDING_POSTGRESQL, (start, end, limit)))
            ids = tuple(entry_id for (entry_id,) in rows)
            found = cores_on_postgresql(self._connection, ids)
            cores, salts = zip(*(found.get(each, (None, None)) for each in ids), strict=True) if rows else ((), ())
        else:
            rows = driver_rows(self._connection.exec_driver_sql(_PENDING_SQLITE, (start.hex, end.hex, limit)))
            texts, cores, salts = zip(*rows, strict=True) if rows else ((), (), ())
            ids = tuple(map(bytes.fromhex, texts))
        if None in cores:
            raise LogDamaged("opening-missing", "what opens an entry that waits is not kept")
        return Waiting(entry_ids=ids, cores=cores, core_salts=salts)

    @fan_out
    def oldest(self, start: uuid.UUID = _LOWEST) -> uuid.UUID | None:
        """Find the lowest waiting id from ``start`` on; None when nothing waits."""
        return self._connection.execute(_OLDEST, {"start": start}).scalar_one_or_none()

    @fan_out
    def count(self) -> int:
        """Count the waiting entries."""
        return self._connection.execute(_COUNT).scalar_one()

    @fan_out
    def take_out(self, entries: Waiting) -> None:
        """Delete exactly the entries from ``batch``; raises StaleVersion when another transaction took one of them."""
        if not entries:
            return
        if not self._is_sqlite:
            done = self._connection.exec_driver_sql(_TAKE_OUT_POSTGRESQL, (_array(entries.entry_ids),))
        else:
            ends = min(entries.entry_ids).hex(), max(entries.entry_ids).hex()
            done = self._connection.exec_driver_sql(_TAKE_OUT_SQLITE, ends)
        if done.rowcount != len(entries):
            raise StaleVersion
