"""Grows a tree: keeps its right edge as a value and adds batches of leaf hashes to it.

Only the hashes in the partial tiles are needed to append and to compute the root: a complete subtree that is no longer
in a partial tile is inside a hash of the level above (tlog-tiles, Partial Tiles).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.merkle import EMPTY_ROOT, check_size, node_hash, subtree_root
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_TILE_BYTES, TILE_HEIGHT, Tile, edge_tiles, tile_levels

_IN_TILE: Final = (1 << TILE_HEIGHT) - 1

TileReader = Callable[[Sequence[Tile]], Sequence[bytes]]
"""Returns the bytes of each requested tile, in order; the caller chooses the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: for each tile level the hashes of its partial tile, none where all tiles are full."""

    size: int = 0
    edges: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        check_size(self.size)
        widths = [self.size >> TILE_HEIGHT * level & _IN_TILE for level in range(tile_levels(self.size))]
        if [len(edge) for edge in self.edges] != [width * HASH_BYTES for width in widths]:
            raise TlogRefused("malformed", "the edges are not those of a tree of this size")

    def root(self) -> bytes:
        """Return the Merkle Tree Hash of the whole tree."""
        root = b""
        for edge in self.edges:
            end, width = len(edge), len(edge) // HASH_BYTES
            for bit in range(TILE_HEIGHT):
                if width >> bit & 1:
                    start = end - (HASH_BYTES << bit)
                    left, end = subtree_root(edge[start:end]), start
                    root = node_hash(left, root) if root else left
        return root or EMPTY_ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class TileData:
    """A tile and its bytes."""

    tile: Tile
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A tree after a batch, and the tiles to be published before its checkpoint."""

    frontier: Frontier
    tiles: tuple[TileData, ...]


def frontier_at(size: int, fetch: TileReader) -> Frontier:
    """Read the right edge of a stored tree from its partial tiles; the caller must check its root."""
    wanted = edge_tiles(size)
    held = dict(zip((tile.level for tile in wanted), fetch(wanted), strict=True))
    return Frontier(size=size, edges=tuple(held.get(level, b"") for level in range(tile_levels(size))))


def append(frontier: Frontier, hashes: Iterable[bytes]) -> Growth:
    """Add leaf hashes; the tiles of the growth are those of `new_tiles`, from the lowest level up."""
    batch = list(hashes)
    if not set(map(len, batch)) <= {HASH_BYTES}:
        raise TlogRefused("malformed", "a hash does not have 32 bytes")
    check_size(frontier.size + len(batch))
    tiles: list[TileData] = []
    edges: list[bytes] = []
    incoming = b"".join(batch)
    while incoming:
        level = len(edges)
        first = frontier.size >> TILE_HEIGHT * (level + 1)
        data = b"".join(frontier.edges[level : level + 1]) + incoming
        full = [data[at : at + FULL_TILE_BYTES] for at in range(0, len(data), FULL_TILE_BYTES)]
        tiles += [
            TileData(tile=Tile(level=level, index=first + place, width=len(each) // HASH_BYTES), data=each)
            for place, each in enumerate(full)
        ]
        edges.append(full.pop() if len(full[-1]) < FULL_TILE_BYTES else b"")
        incoming = b"".join([subtree_root(each) for each in full])
    edges += frontier.edges[len(edges) :]
    return Growth(frontier=Frontier(size=frontier.size + len(batch), edges=tuple(edges)), tiles=tuple(tiles))
