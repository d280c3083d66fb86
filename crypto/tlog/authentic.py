"""Reads another party's tiles: checks every tile against the root before it uses a hash of the tile.

The partial tiles together give the root. A full tile gives one hash of the tile above it, which is either full or
one of the partial tiles. So each tile costs one fetch and 255 hashes, once, and only checked tiles are kept.
"""

from collections.abc import Sequence

from crypto.errors import TlogRefused
from crypto.tlog.frontier import TileReader, frontier_at
from crypto.tlog.merkle import Node, subtree_root
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_WIDTH, TILE_HEIGHT, Tile, check_length, edge_tiles, hash_in_tile, tile_at, tile_of


class AuthenticTiles:
    """A reader of hashes and tiles of one tree, given by size and root; keeps at most `keep` full tiles (8 KB each)."""

    __slots__ = ("_edge", "_fetch", "_full", "_keep", "_size")

    def __init__(self, *, size: int, root: bytes, fetch: TileReader, keep: int = 512) -> None:
        frontier = frontier_at(size, fetch)
        if frontier.root() != root:
            raise TlogRefused("tile-invalid", "the partial tiles do not give the root")
        self._size, self._fetch, self._keep = size, fetch, keep
        self._edge = {tile: frontier.edges[tile.level] for tile in edge_tiles(size)}
        self._full: dict[Tile, bytes] = {}

    def hashes(self, nodes: Sequence[Node]) -> list[bytes]:
        """Return the hash of each complete subtree: a `HashReader` for proofs that trust only the root."""
        places = [tile_of(node, self._size) for node in nodes]
        held = self._authenticated(places)
        return [hash_in_tile(tile, held[tile], node) for tile, node in zip(places, nodes, strict=True)]

    def tiles(self, wanted: Sequence[Tile]) -> list[bytes]:
        """Return the bytes of each tile; refuse a tile that this tree does not have at that width."""
        for tile in wanted:
            if tile != tile_at(level=tile.level, index=tile.index, size=self._size):
                raise TlogRefused("out-of-range", "the tree has this tile at another width")
        held = self._authenticated(wanted)
        return [held[tile] for tile in wanted]

    def _authenticated(self, wanted: Sequence[Tile]) -> dict[Tile, bytes]:
        held = self._edge | self._full
        missing = self._missing(wanted, held)
        for tile, data in zip(missing, self._fetch(missing) if missing else (), strict=True):
            check_length(tile, data)
            parent, place = self._parent(tile), tile.index % FULL_WIDTH * HASH_BYTES
            if subtree_root(data) != held[parent][place : place + HASH_BYTES]:
                raise TlogRefused("tile-invalid", "a tile is not the one that the root commits to")
            held[tile] = self._full[tile] = data
        while len(self._full) > self._keep:
            del self._full[next(iter(self._full))]
        return held

    def _missing(self, wanted: Sequence[Tile], held: dict[Tile, bytes]) -> list[Tile]:
        """List the tiles to fetch, each after the tile that authenticates it; only full tiles can be missing."""
        missing: set[Tile] = set()
        for tile in wanted:
            above = tile
            while above not in held and above not in missing:
                missing.add(above)
                above = self._parent(above)
        return sorted(missing, key=lambda tile: (-tile.level, tile.index))

    def _parent(self, tile: Tile) -> Tile:
        return tile_at(level=tile.level + 1, index=tile.index >> TILE_HEIGHT, size=self._size)
