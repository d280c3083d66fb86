"""Reads the tree of one year: full tiles from their table, partial tiles from full ones or the head's edges."""

from collections.abc import Sequence

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.frontier import Frontier, TileReader, frontier_at
from crypto.tlog.merkle import EMPTY_ROOT
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_WIDTH, TILE_HEIGHT, Tile, check_in_tree, tile_levels
from registry.domain.log import LogHead
from registry.domain.log_faults import LogDamaged, LogForked
from registry.store.transactions import Transaction


def empty_head(year: int) -> LogHead:
    """Make the head of a tree without leaves and without a signed note."""
    return LogHead(shard=year, size=0, root=EMPTY_ROOT, edges=b"", note=None, published=None)


def frontier_of(head: LogHead) -> Frontier:
    """Read the right edge in a head; raises LogDamaged unless it gives the head's root."""
    edges, at = [], 0
    for level in range(tile_levels(head.size)):
        end = at + (head.size >> TILE_HEIGHT * level) % FULL_WIDTH * HASH_BYTES
        edges.append(head.edges[at:end])
        at = end
    try:
        frontier = Frontier(size=head.size, edges=tuple(edges))
    except TlogRefused as refused:
        raise LogDamaged("head-malformed", str(refused)) from None
    if at != len(head.edges):
        raise LogDamaged("head-malformed", "a head has more edges than its size asks for")
    if frontier.root() != head.root:
        raise LogDamaged("edges-wrong", "the edges of a head do not give its root")
    return frontier


def tiles_of(tx: Transaction, head: LogHead) -> TileReader:
    """Make a reader of every tile that the tree of ``head`` has or ever had, at any width; one query for each call.

    The reader does not check stored tiles: a proof from a wrong tile does not lead to the published root, and its
    reader refuses it. Raises LogDamaged for a missing full tile, and TlogRefused for a tile that the tree has not.
    """
    edges = frontier_of(head).edges

    def read(wanted: Sequence[Tile]) -> list[bytes]:
        for tile in wanted:
            check_in_tree(tile, head.size)
        stored = [(tile.level, tile.index) for tile in wanted if not _is_edge(tile, head.size)]
        full = tx.trees.tiles(head.shard, set(stored)) if stored else {}
        if len(full) != len(set(stored)):
            raise LogDamaged("tile-missing", "a full tile of the tree is not kept")
        held = (edges[t.level] if _is_edge(t, head.size) else full[t.level, t.index] for t in wanted)
        return [data[: tile.width * HASH_BYTES] for tile, data in zip(wanted, held, strict=True)]

    return read


def root_at(tx: Transaction, head: LogHead, size: int) -> bytes:
    """Compute the root that the tree of ``head`` had at an earlier size, from its stored tiles."""
    return frontier_at(size, tiles_of(tx, head)).root()


def _is_edge(tile: Tile, size: int) -> bool:
    """Tell whether the tree has this tile only in part, so that it stands in the head's edges."""
    return tile.index == size >> TILE_HEIGHT * (tile.level + 1)


def check_extends(tx: Transaction, head: LogHead, known: Checkpoint | None) -> None:
    """Refuse unless the database's tree begins with the published one; raises LogForked."""
    if known is None:
        return
    if head.size < known.size:
        raise LogForked("database-behind", "the database holds less than was published: is it a restored backup?")
    if root_at(tx, head, known.size) != known.root:
        raise LogForked("roots-differ", "the database holds another tree than the one that was published")
