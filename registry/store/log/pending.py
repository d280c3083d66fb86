"""Keep the keys of log entries that wait for their place in a tree."""

import uuid
from collections.abc import Collection, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.log import LogEntry, Waiting
from registry.domain.log_faults import LogDamaged
from registry.store import columns
from registry.store.errors import StaleVersion
from registry.store.prepared import Insert, Place, in_parts
from registry.store.repository import Repository, driver_rows, fan_out

# No foreign key to the opening, whose rows move when a month gets its partition.
log_pending: Final = sa.Table(
    "log_pending",
    columns.metadata,
    columns.key(),
    columns.uuid("entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "entry_id"),
    columns.length("subject_key"),
    sa.Index(None, "entry_id"),
    info=columns.BY_SUBJECT,
    sqlite_with_rowid=False,
)


_LOWEST: Final = uuid.UUID(int=0)
# Plain text, and columns instead of values: each of a batch's thousand rows passes through here. A subject's key leads
# what waits, so each row is named by key and id.
_PENDING_SQLITE: Final = (
    "SELECT p.subject_key, p.entry_id, o.core, o.core_salt FROM log_pending AS p"
    # Order by the id and not by the key: entries that wait together were written together, and are close in this index.
    " LEFT JOIN log_opening AS o INDEXED BY ix_log_opening_entry_id"
    " ON o.subject_key = p.subject_key AND o.entry_id = p.entry_id"
    " WHERE p.entry_id >= ? AND p.entry_id < ? ORDER BY p.entry_id LIMIT ?"
)
# Two statements: of a join the planner expects few matches, and reads all openings instead. The lateral join that
# makes it go row by row runs on no engine whose tables are spread.
_PENDING_POSTGRESQL: Final = (
    "SELECT subject_key, uuid_send(entry_id) FROM log_pending"
    " WHERE entry_id >= %s AND entry_id < %s ORDER BY entry_id LIMIT %s"
)
# The ids as values tell the planner which months to open.
_CORES_POSTGRESQL: Final = (
    "SELECT uuid_send(entry_id), core, core_salt FROM log_opening WHERE entry_id = ANY (%s::uuid[])"
)
# SQLite's one writer has read all rows between the first id and the last, and nobody else writes until it commits: it
# deletes exactly those rows, which the count shows. One by one takes four times as long.
_TAKE_OUT_SQLITE: Final = "DELETE FROM log_pending WHERE entry_id >= ? AND entry_id <= ?"
# One parameter for a whole column, cut by the server: an array of a thousand values takes us longer than hashing them.
_TAKE_OUT_POSTGRESQL: Final = (
    "DELETE FROM log_pending AS p USING (SELECT substring(keys FROM 16 * n + 1 FOR 16) AS subject_key,"
    " encode(substring(ids FROM 16 * n + 1 FOR 16), 'hex')::uuid AS entry_id"
    " FROM (SELECT %b::bytea AS keys, %b::bytea AS ids) AS given, generate_series(0, %s) AS n) AS gone"
    " WHERE p.subject_key = gone.subject_key AND p.entry_id = gone.entry_id"
)
_OLDEST: Final = (
    sa.select(log_pending.c.entry_id)
    .where(log_pending.c.entry_id >= sa.bindparam("start"))
    .order_by(log_pending.c.entry_id)
    .limit(1)
)
_COUNT: Final = sa.select(sa.func.count()).select_from(log_pending)
_WAIT: Final = Insert(log_pending)
_WAIT_NO_MORE: Final = (
    sa.delete(log_pending)
    .where(
        log_pending.c.subject_key.in_(sa.bindparam("keys", expanding=True)),
        log_pending.c.entry_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .returning(log_pending.c.entry_id)
)


def cores_on_postgresql(connection: Connection, entry_ids: Collection[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    """Read (core, core salt) by id of the existing ones of these entries, on PostgreSQL."""
    if not entry_ids:
        return {}
    # The text of an array: the driver's own array of a thousand values takes longer than hashing them.
    ids = f"{{{','.join(map(bytes.hex, entry_ids))}}}"
    rows = driver_rows(connection.exec_driver_sql(_CORES_POSTGRESQL, (ids,)))
    return {entry_id: (core, salt) for entry_id, core, salt in rows}


class Pending(Repository):
    """Distribution key: ``subject_key``, but every look asks all nodes."""

    def add(self, entries: Sequence[LogEntry]) -> None:
        _WAIT.add(self._connection, entries)

    def move(self, places: Collection[Place], key: bytes) -> None:
        """Move waiting entries under another key: a leaf needs no personal part.

        Only those move that are deleted here: what the integrator takes out meanwhile must not wait once more.
        """
        rows = [row for part in in_parts(places) for row in self._connection.execute(_WAIT_NO_MORE, part)]
        _WAIT.run_rows(self._connection, [(key, entry_id) for entry_id in sorted(row.entry_id for row in rows)])

    @fan_out
    def batch(self, start: uuid.UUID, end: uuid.UUID, limit: int) -> Waiting:
        """Read the waiting entries with ids from ``start`` to before ``end``, a year's.

        Ids are no commit order: take whatever waits, never only ids behind the last one taken. Raises
        LogDamaged where an entry waits whose opening is gone: it cannot be hashed, and is not passed over in silence.
        """
        if not self._is_sqlite:
            rows = driver_rows(self._connection.exec_driver_sql(_PENDING_POSTGRESQL, (start, end, limit)))
            keys, ids = zip(*rows, strict=True) if rows else ((), ())
            found = cores_on_postgresql(self._connection, ids)
            cores, salts = zip(*(found.get(each, (None, None)) for each in ids), strict=True) if rows else ((), ())
        else:
            rows = driver_rows(self._connection.exec_driver_sql(_PENDING_SQLITE, (start.hex, end.hex, limit)))
            keys, texts, cores, salts = zip(*rows, strict=True) if rows else ((), (), (), ())
            ids = tuple(map(bytes.fromhex, texts))
        if None in cores:
            raise LogDamaged("opening-missing", "what opens an entry that waits is not kept")
        return Waiting(subject_keys=keys, entry_ids=ids, cores=cores, core_salts=salts)

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
            joined = b"".join(entries.subject_keys), b"".join(entries.entry_ids)
            done = self._connection.exec_driver_sql(_TAKE_OUT_POSTGRESQL, (*joined, len(entries) - 1))
        else:
            ends = min(entries.entry_ids).hex(), max(entries.entry_ids).hex()
            done = self._connection.exec_driver_sql(_TAKE_OUT_SQLITE, ends)
        if done.rowcount != len(entries):
            raise StaleVersion
