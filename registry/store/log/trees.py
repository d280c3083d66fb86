"""Keep the trees of the log: the places of leaves, the full tiles, and the head of each year."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from registry.domain.log import Leaf, LogHead, Place
from registry.store import columns
from registry.store.changes import Change
from registry.store.errors import StaleVersion
from registry.store.prepared import Insert
from registry.store.repository import Repository, driver_rows

# Sixteen plain bytes for the id: SQLite would keep a UUID as 32 characters, twice, for every leaf.
log_leaf: Final = sa.Table(
    "log_leaf",
    columns.metadata,
    columns.integer("shard"),
    columns.big_integer("leaf_index"),
    columns.octets("entry_id", 16),
    columns.octets("digest", 32),
    sa.PrimaryKeyConstraint("shard", "leaf_index"),
    columns.length("entry_id"),
    columns.length("digest", 32),
    sa.Index(None, "entry_id", unique=True),
    info=columns.PLAIN,
    sqlite_with_rowid=False,
)

log_tile: Final = sa.Table(
    "log_tile",
    columns.metadata,
    columns.integer("shard"),
    columns.integer("level"),
    columns.big_integer("tile_index"),
    columns.octets("data"),
    sa.PrimaryKeyConstraint("shard", "level", "tile_index"),
    columns.length("data", 8192),
    info=columns.PLAIN,
)

log_head: Final = sa.Table(
    "log_head",
    columns.metadata,
    columns.integer("shard"),
    columns.big_integer("size"),
    columns.octets("root", 32),
    columns.octets("edges"),
    columns.octets("note", nullable=True),
    columns.octets("published", nullable=True),
    sa.PrimaryKeyConstraint("shard"),
    columns.length("root", 32),
    info=columns.PLAIN,
)

_LOCK_NUMBER: Final = 0x636C6C6F67  # "cllog" in ASCII: any number that no other program locks
_ADVISORY: Final = sa.select(sa.func.pg_advisory_xact_lock(_LOCK_NUMBER))
_ADD_LEAVES_SQLITE: Final = (
    "INSERT INTO log_leaf (shard, leaf_index, entry_id, digest)"
    " SELECT ?, ? + value, substr(?, 16 * value + 1, 16), substr(?, 32 * value + 1, 32) FROM json_each(?)"
)
_ADD_LEAVES_POSTGRESQL: Final = (
    "INSERT INTO log_leaf (shard, leaf_index, entry_id, digest)"
    " SELECT %s, %s + n, substring(ids FROM 16 * n + 1 FOR 16), substring(digests FROM 32 * n + 1 FOR 32)"
    " FROM (SELECT %b::bytea AS ids, %b::bytea AS digests) AS given, generate_series(0, %s) AS n"
)
_BEGIN: Final = Insert(log_head, new_only=True)
_HEAD: Final = sa.select(log_head).where(log_head.c.shard == sa.bindparam("at_shard"))
_HEADS: Final = sa.select(log_head).order_by(log_head.c.shard)
_LOCK: Final = _HEAD.with_for_update()
_ADVANCE: Final = Change(log_head, ("size", "root", "edges", "note"), at=("shard", "size", "root"))
_PUBLISH: Final = Change(log_head, ("published",))
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
    # Not as pairs, for which SQLite reads the whole table; few other rows match.
    log_tile.c.level.in_(sa.bindparam("levels", expanding=True)),
    log_tile.c.tile_index.in_(sa.bindparam("indexes", expanding=True)),
)
_PLACE: Final = sa.select(log_leaf.c.shard, log_leaf.c.leaf_index).where(log_leaf.c.entry_id == sa.bindparam("id"))


class Trees(Repository):
    """Plain tables on one node."""

    def lock(self, empty: LogHead) -> LogHead:
        """Lock the head of ``empty``'s shard, begun as ``empty`` if missing, so that nobody else extends it."""
        if not self._is_sqlite:
            self._connection.execute(_ADVISORY)
        _BEGIN.run(self._connection, [empty])
        row = self._connection.execute(_LOCK, {"at_shard": empty.shard}).mappings().one()
        return LogHead(**row)

    def head(self, shard: int) -> LogHead | None:
        return self._one(LogHead, _HEAD, at_shard=shard)

    def heads(self) -> tuple[LogHead, ...]:
        """Read the heads of all years, oldest first."""
        return self._all(LogHead, _HEADS)

    def advance(self, old: LogHead, new: LogHead) -> None:
        """Move a head on; raises StaleVersion unless it is still where ``old`` says (size and root)."""
        row = (old.shard, old.size, old.root, new.size, new.root, new.edges, new.note)
        if _ADVANCE.run_rows(self._connection, [row]) != 1:
            raise StaleVersion

    def publish(self, shard: int, note: bytes | None) -> None:
        """Publish a note; the caller has checked that the file outside the database holds it. None: nothing."""
        _PUBLISH.run_rows(self._connection, [(shard, note)])

    def add_leaves(self, shard: int, first: int, leaves: Sequence[Leaf]) -> None:
        """Add leaves from index ``first`` on; the database refuses an entry that has a place already."""
        if not leaves:
            return
        ids, digests = (b"".join(column) for column in zip(*leaves, strict=True))
        if not self._is_sqlite:
            values = (shard, first, ids, digests, len(leaves) - 1)
            self._connection.exec_driver_sql(_ADD_LEAVES_POSTGRESQL, values)
        else:
            places = f"[{','.join(map(str, range(len(leaves))))}]"
            self._connection.exec_driver_sql(_ADD_LEAVES_SQLITE, (shard, first, ids, digests, places))

    def add_tiles(self, shard: int, tiles: Mapping[tuple[int, int], bytes]) -> None:
        """Add full tiles (8,192 bytes) by level and index."""
        _ADD_TILES.run_rows(self._connection, [(shard, level, index, data) for (level, index), data in tiles.items()])

    def leaves(self, shard: int, start: int, end: int) -> list[Leaf]:
        """Read (entry id, digest) of the places from ``start`` to before ``end``."""
        places = {"at_shard": shard, "start": start, "end": end}
        return driver_rows(self._connection.execute(_LEAVES, places))

    def tiles(self, shard: int, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Read the stored ones of the full tiles named by level and index."""
        if not wanted:
            return {}
        levels, indexes = (sorted(set(each)) for each in zip(*wanted, strict=True))
        rows = self._connection.execute(_TILES, {"at_shard": shard, "levels": levels, "indexes": indexes})
        return {(level, index): data for level, index, data in rows if (level, index) in wanted}

    def place(self, entry_id: bytes) -> Place | None:
        """Find the place of an entry (16 bytes); None while it waits."""
        row = self._connection.execute(_PLACE, {"id": entry_id}).one_or_none()
        return None if row is None else Place(shard=row[0], index=row[1])
