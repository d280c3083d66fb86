"""The trees of the log: what waits is given its place, tiles are kept, one head for each year is moved on."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.log import Leaf, LogHead, Place, Waiting
from registry.domain.log_faults import LogDamaged
from registry.store.errors import StaleVersion
from registry.store.schema import log_head, log_leaf, log_pending, log_tile
from registry.store.statements import Insert, fan_out

_LOWEST: Final = uuid.UUID(int=0)
_LOCK_NUMBER: Final = 0x636C6C6F67  # "cllog" in ASCII: any number that nobody else locks
_ADVISORY: Final = sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER))
# Plain text, and columns instead of values: each of a batch's thousand rows passes through here. A subject's key leads
# what waits, so each row is named by key and id.
_PENDING_SQLITE: Final = (
    "SELECT p.subject_key, p.entry_id, o.core, o.core_salt FROM log_pending AS p"
    # By the id and not by the key: entries that wait together were written together, and lie together in this index.
    " LEFT JOIN log_opening AS o INDEXED BY ix_log_opening_entry_id"
    " ON o.subject_key = p.subject_key AND o.entry_id = p.entry_id"
    " WHERE p.entry_id >= ? AND p.entry_id < ? ORDER BY p.entry_id LIMIT ?"
)
# One by one and by the key: left to itself the planner thinks that few of them join, and reads all openings instead.
_PENDING_POSTGRESQL: Final = (
    "SELECT p.subject_key, uuid_send(p.entry_id), o.core, o.core_salt FROM"
    " (SELECT subject_key, entry_id FROM log_pending WHERE entry_id >= %s AND entry_id < %s ORDER BY entry_id LIMIT %s)"
    " AS p LEFT JOIN LATERAL (SELECT core, core_salt FROM log_opening"
    # The ends of the year once more: without them the months of all years are locked.
    " WHERE subject_key = p.subject_key AND entry_id = p.entry_id AND entry_id >= %s AND entry_id < %s LIMIT 1)"
    " AS o ON true ORDER BY p.entry_id"
)
_CORES_SQLITE: Final = "SELECT entry_id, core, core_salt FROM log_opening WHERE entry_id IN ({})"
_CORES_POSTGRESQL: Final = (
    "SELECT uuid_send(entry_id), core, core_salt FROM log_opening WHERE entry_id = ANY (%s::text[]::uuid[])"
)
# SQLite's one writer has read all that lies between the first id and the last, and nobody writes until it commits: what
# is deleted is what was read, which the count shows. One by one takes four times as long.
_TAKE_OUT_SQLITE: Final = "DELETE FROM log_pending WHERE entry_id >= ? AND entry_id <= ?"
# One parameter for a whole column, cut by the server: an array of a thousand values takes us longer than hashing them.
_TAKE_OUT_POSTGRESQL: Final = (
    "DELETE FROM log_pending AS p USING (SELECT substring(keys FROM 16 * n + 1 FOR 16) AS subject_key,"
    " encode(substring(ids FROM 16 * n + 1 FOR 16), 'hex')::uuid AS entry_id"
    " FROM (SELECT %b::bytea AS keys, %b::bytea AS ids) AS given, generate_series(0, %s) AS n) AS gone"
    " WHERE p.subject_key = gone.subject_key AND p.entry_id = gone.entry_id"
)
_ADD_LEAVES_SQLITE: Final = (
    "INSERT INTO log_leaf (shard, leaf_index, entry_id, digest)"
    " SELECT ?, ? + value, substr(?, 16 * value + 1, 16), substr(?, 32 * value + 1, 32) FROM json_each(?)"
)
_ADD_LEAVES_POSTGRESQL: Final = (
    "INSERT INTO log_leaf (shard, leaf_index, entry_id, digest)"
    " SELECT %s, %s + n, substring(ids FROM 16 * n + 1 FOR 16), substring(digests FROM 32 * n + 1 FOR 32)"
    " FROM (SELECT %b::bytea AS ids, %b::bytea AS digests) AS given, generate_series(0, %s) AS n"
)
_OLDEST: Final = (
    sa.select(log_pending.c.entry_id)
    .where(log_pending.c.entry_id >= sa.bindparam("start"))
    .order_by(log_pending.c.entry_id)
    .limit(1)
)
_COUNT: Final = sa.select(sa.func.count()).select_from(log_pending)
_BEGIN: Final = Insert(log_head, new_only=True)
_HEAD: Final = sa.select(log_head).where(log_head.c.shard == sa.bindparam("at_shard"))
_HEADS: Final = sa.select(log_head).order_by(log_head.c.shard)
_LOCK: Final = _HEAD.with_for_update()
_ADVANCE: Final = (
    sa.update(log_head)
    .where(
        log_head.c.shard == sa.bindparam("at_shard"),
        log_head.c.size == sa.bindparam("at_size"),
        log_head.c.root == sa.bindparam("at_root"),
    )
    .values({name: sa.bindparam(name) for name in ("size", "root", "edges", "note")})
)
_PUBLISH: Final = (
    sa.update(log_head).where(log_head.c.shard == sa.bindparam("at_shard")).values(published=sa.bindparam("published"))
)
_ADD_TILES: Final = Insert(log_tile)
_LEAVES: Final = (
    sa.select(log_leaf.c.entry_id, log_leaf.c.digest)
    .where(
        log_leaf.c.shard == sa.bindparam("at_shard"),
        log_leaf.c.leaf_index >= sa.bindparam("start"),
        log_leaf.c.leaf_index < sa.bindparam("end"),
    )
    .order_by(log_leaf.c.leaf_index)
)
_TILES: Final = sa.select(log_tile.c.level, log_tile.c.tile_index, log_tile.c.data).where(
    log_tile.c.shard == sa.bindparam("at_shard"),
    # Not as pairs, for which SQLite reads the whole table; what is found besides is few.
    log_tile.c.level.in_(sa.bindparam("levels", expanding=True)),
    log_tile.c.tile_index.in_(sa.bindparam("indexes", expanding=True)),
)
_PLACE: Final = sa.select(log_leaf.c.shard, log_leaf.c.leaf_index).where(log_leaf.c.entry_id == sa.bindparam("id"))


class Sequencer:
    """Plain tables on one node, but for what waits, which is led by ``subject_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _is_postgresql(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    @fan_out
    def pending(self, start: uuid.UUID, end: uuid.UUID, limit: int) -> Waiting:
        """Entries that wait, of those with an id from ``start`` to before ``end``: those of a year.

        Ids are no commit order: whatever is there is taken, never what follows the last one that was taken. Raises
        LogDamaged where an entry waits whose opening is gone: it cannot be hashed, and is not passed over in silence.
        """
        if self._is_postgresql:
            rows = _tuples(self._connection.exec_driver_sql(_PENDING_POSTGRESQL, (start, end, limit, start, end)))
            keys, ids, cores, salts = zip(*rows, strict=True) if rows else ((), (), (), ())
        else:
            rows = _tuples(self._connection.exec_driver_sql(_PENDING_SQLITE, (start.hex, end.hex, limit)))
            keys, texts, cores, salts = zip(*rows, strict=True) if rows else ((), (), (), ())
            ids = tuple(map(bytes.fromhex, texts))
        if None in cores:
            raise LogDamaged("opening-missing", "what opens an entry that waits is not kept")
        return Waiting(subject_keys=keys, entry_ids=ids, cores=cores, core_salts=salts)

    @fan_out
    def oldest_pending(self, start: uuid.UUID = _LOWEST) -> uuid.UUID | None:
        """The lowest id that waits, of those from ``start`` on; None when nothing does."""
        return self._connection.execute(_OLDEST, {"start": start}).scalar_one_or_none()

    @fan_out
    def count_pending(self) -> int:
        """How many entries wait."""
        return self._connection.execute(_COUNT).scalar_one()

    @fan_out
    def take_out(self, entries: Waiting) -> None:
        """Delete exactly the entries that `pending` gave; raises StaleVersion when somebody else took one of them."""
        if not entries:
            return
        if self._is_postgresql:
            columns = b"".join(entries.subject_keys), b"".join(entries.entry_ids)
            done = self._connection.exec_driver_sql(_TAKE_OUT_POSTGRESQL, (*columns, len(entries) - 1))
        else:
            ends = min(entries.entry_ids).hex(), max(entries.entry_ids).hex()
            done = self._connection.exec_driver_sql(_TAKE_OUT_SQLITE, ends)
        if done.rowcount != len(entries):
            raise StaleVersion

    def lock(self, empty: LogHead) -> LogHead:
        """The head of ``empty``'s shard, begun as ``empty`` where there is none; nobody else extends it."""
        if self._is_postgresql:
            self._connection.execute(_ADVISORY)
        _BEGIN.run(self._connection, [empty])
        row = self._connection.execute(_LOCK, {"at_shard": empty.shard}).mappings().one()
        return LogHead(**row)

    def head(self, shard: int) -> LogHead | None:
        row = self._connection.execute(_HEAD, {"at_shard": shard}).mappings().one_or_none()
        return None if row is None else LogHead(**row)

    def heads(self) -> tuple[LogHead, ...]:
        """The heads of all years, oldest first."""
        return tuple(LogHead(**row) for row in self._connection.execute(_HEADS).mappings())

    def advance(self, old: LogHead, new: LogHead) -> None:
        """Move a head on; raises StaleVersion unless it is still where ``old`` says (size and root)."""
        values = {"at_shard": old.shard, "at_size": old.size, "at_root": old.root}
        values |= {"size": new.size, "root": new.root, "edges": new.edges, "note": new.note}
        if self._connection.execute(_ADVANCE, values).rowcount != 1:
            raise StaleVersion

    def publish(self, shard: int, note: bytes | None) -> None:
        """Show a note to the world; the caller has seen that the file outside the database holds it. None: nothing."""
        self._connection.execute(_PUBLISH, {"at_shard": shard, "published": note})

    def add_leaves(self, shard: int, first: int, leaves: Sequence[Leaf]) -> None:
        """Add leaves from index ``first`` on; an entry that has a place already is refused by the database."""
        if not leaves:
            return
        ids, digests = (b"".join(column) for column in zip(*leaves, strict=True))
        if self._is_postgresql:
            values = (shard, first, ids, digests, len(leaves) - 1)
            self._connection.exec_driver_sql(_ADD_LEAVES_POSTGRESQL, values)
        else:
            places = f"[{','.join(map(str, range(len(leaves))))}]"
            self._connection.exec_driver_sql(_ADD_LEAVES_SQLITE, (shard, first, ids, digests, places))

    def add_tiles(self, shard: int, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Add full tiles (8,192 bytes) by level and index."""
        _ADD_TILES.run_rows(self._connection, [(shard, level, index, data) for (level, index), data in tiles.items()])

    def leaves(self, shard: int, start: int, end: int) -> list[Leaf]:
        """(entry id, digest) of the places from ``start`` to before ``end``."""
        places = {"at_shard": shard, "start": start, "end": end}
        return _tuples(self._connection.execute(_LEAVES, places))

    @fan_out
    def cores(self, entry_ids: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """(core, core salt) by id of the entries that are there, of those asked for (at most some thousands)."""
        names = [each.hex() for each in entry_ids]
        if not names:
            return {}
        if self._is_postgresql:
            rows = _tuples(self._connection.exec_driver_sql(_CORES_POSTGRESQL, (names,)))
            return {entry_id: (core, salt) for entry_id, core, salt in rows}
        text = _CORES_SQLITE.format(",".join("?" * len(names)))
        rows = _tuples(self._connection.exec_driver_sql(text, tuple(names)))
        return {bytes.fromhex(name): (core, salt) for name, core, salt in rows}

    def tiles(self, shard: int, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The full tiles that are kept, of those asked for by level and index."""
        if not wanted:
            return {}
        levels, indexes = (sorted(set(each)) for each in zip(*wanted, strict=True))
        rows = self._connection.execute(_TILES, {"at_shard": shard, "levels": levels, "indexes": indexes})
        return {(level, index): data for level, index, data in rows if (level, index) in wanted}

    def place(self, entry_id: bytes) -> Place | None:
        """Where an entry (16 bytes) stands; None while it waits."""
        row = self._connection.execute(_PLACE, {"id": entry_id}).one_or_none()
        return None if row is None else Place(shard=row[0], index=row[1])


def _tuples(result: sa.CursorResult[Any]) -> list[Any]:
    """The driver's own rows: bytes and numbers only. A thousand rows of SQLAlchemy's cost as much as their hashing."""
    return list(result.cursor.fetchall())
