"""Computes the tiles of a tree, their paths and their places of hashes (c2sp.org/tlog-tiles)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.merkle import Node, check_size, subtree_root
from crypto.tlog.text import HASH_BYTES, MAX_NUMBER

TILE_HEIGHT: Final = 8
FULL_WIDTH: Final = 1 << TILE_HEIGHT
FULL_TILE_BYTES: Final = FULL_WIDTH * HASH_BYTES
MAX_LEVEL: Final = 63
_IN_TILE: Final = FULL_WIDTH - 1
_PATH_BASE: Final = 1000

_LEVEL: Final = r"0|[1-9]|[1-5][0-9]|6[0-3]"
_INDEX: Final = r"(?:x[0-9]{3}/){0,6}[0-9]{3}"
_PATH: Final = re.compile(rf"tile/({_LEVEL}|entries)/({_INDEX})(?:\.p/([1-9][0-9]{{0,2}}))?")
_ENTRIES: Final = "entries"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """The coordinates of `width` hashes at one tile level; an entry bundle has those of the level 0 tile beside it."""

    level: int
    index: int
    width: int

    def __post_init__(self) -> None:
        inside = 0 <= self.level <= MAX_LEVEL and 0 <= self.index <= MAX_NUMBER
        if not inside or not 1 <= self.width <= FULL_WIDTH:
            raise TlogRefused("out-of-range", "no tile has these coordinates")

    @property
    def is_full(self) -> bool:
        return self.width == FULL_WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]` (tlog-tiles, Merkle Tree)."""
        return f"tile/{self.level}/{self._suffix()}"

    @property
    def entries_path(self) -> str:
        """`tile/entries/<N>[.p/<W>]` (tlog-tiles, Log entries); only a level 0 tile has entries beside it."""
        if self.level != 0:
            raise TlogRefused("out-of-range", "only a level 0 tile has entries beside it")
        return f"tile/{_ENTRIES}/{self._suffix()}"

    def _suffix(self) -> str:
        rest, last = divmod(self.index, _PATH_BASE)
        text = f"{last:03d}"
        while rest:
            rest, part = divmod(rest, _PATH_BASE)
            text = f"x{part:03d}/{text}"
        return text if self.is_full else f"{text}.p/{self.width}"


def parse_tile_path(path: str) -> Tile:
    """Read the path of `Tile.path`, in no other spelling. A tree need not have the tile: see `check_in_tree`."""
    tile, is_bundle = _parse(path)
    if is_bundle:
        raise TlogRefused("malformed", "not a tile path")
    return tile


def parse_entries_path(path: str) -> Tile:
    """Read the path of `Tile.entries_path`."""
    tile, is_bundle = _parse(path)
    if not is_bundle:
        raise TlogRefused("malformed", "not the path of an entry bundle")
    return tile


def _parse(path: str) -> tuple[Tile, bool]:
    match = _PATH.fullmatch(path)
    if match is None:
        raise TlogRefused("malformed", "not a tile path")
    level, index, width = match.groups()
    is_bundle = level == _ENTRIES
    number = int(index.replace("x", "").replace("/", ""))
    partial = FULL_WIDTH if width is None else int(width)
    if number > MAX_NUMBER or partial > FULL_WIDTH or (partial == FULL_WIDTH and width is not None):
        raise TlogRefused("malformed", "no tile has this path")
    tile = Tile(level=0 if is_bundle else int(level), index=number, width=partial)
    if path != (tile.entries_path if is_bundle else tile.path):  # an x000 in front
        raise TlogRefused("malformed", "not the canonical tile path")
    return tile, is_bundle


def tile_levels(size: int) -> int:
    """Count the tile levels of a tree of `size` leaves."""
    return -(-size.bit_length() // TILE_HEIGHT)


def width_at(*, level: int, index: int, size: int) -> int:
    """Count the hashes of tile (level, index) in a tree of `size` leaves: 0 to 256 (tlog-tiles, Partial Tiles)."""
    check_size(size)
    return max(0, min(FULL_WIDTH, (size >> TILE_HEIGHT * level) - index * FULL_WIDTH))


def tile_at(*, level: int, index: int, size: int) -> Tile:
    """Return tile (level, index) as a tree of `size` leaves has it, full or partial."""
    width = width_at(level=level, index=index, size=size)
    if width == 0:
        raise TlogRefused("out-of-range", "the tree does not have this tile")
    return Tile(level=level, index=index, width=width)


def check_in_tree(tile: Tile, size: int) -> None:
    """Refuse a tile that neither this tree nor an earlier one of the same log has."""
    if tile.width > width_at(level=tile.level, index=tile.index, size=size):
        raise TlogRefused("out-of-range", "the tree does not have this tile")


def new_tiles(old_size: int, new_size: int) -> Iterator[Tile]:
    """Yield the tiles to publish when a tree grows: those of the new tree that the old tree lacked or had narrower.

    From size 0 these are all tiles. Widths between the two sizes belong to no checkpoint and are left out.
    """
    check_size(old_size)
    check_size(new_size)
    level = 0
    while (new := new_size >> TILE_HEIGHT * level) > (old := old_size >> TILE_HEIGHT * level):
        for index in range(old >> TILE_HEIGHT, (new + _IN_TILE) >> TILE_HEIGHT):
            yield Tile(level=level, index=index, width=min(FULL_WIDTH, new - index * FULL_WIDTH))
        level += 1


def edge_tiles(size: int) -> list[Tile]:
    """List the partial tiles, one at most for each level, lowest first; their hashes make up the root."""
    check_size(size)
    counts = [size >> TILE_HEIGHT * level for level in range(tile_levels(size))]
    return [
        Tile(level=level, index=count >> TILE_HEIGHT, width=count & _IN_TILE)
        for level, count in enumerate(counts)
        if count & _IN_TILE
    ]


def tile_of(node: Node, size: int) -> Tile:
    """Return the tile of a tree of `size` leaves from which the hash of a complete subtree follows."""
    level, within = divmod(node.level, TILE_HEIGHT)
    if (node.index + 1) << node.level > size:
        raise TlogRefused("out-of-range", "the tree does not have this node")
    return tile_at(level=level, index=node.index << within >> TILE_HEIGHT, size=size)


def hash_in_tile(tile: Tile, data: bytes, node: Node) -> bytes:
    """Compute the hash of a node of the subtree that `tile` spans; the caller has checked `data`."""
    within = node.level - tile.level * TILE_HEIGHT
    first = (node.index << within) - tile.index * FULL_WIDTH
    count = 1 << within
    if not 0 <= within < TILE_HEIGHT or not 0 <= first <= tile.width - count:
        raise TlogRefused("out-of-range", "the node is not in this tile")
    return subtree_root(data[first * HASH_BYTES : (first + count) * HASH_BYTES])


def check_length(tile: Tile, data: bytes) -> None:
    """Refuse a tile whose length is not that of its width."""
    if len(data) != tile.width * HASH_BYTES:
        raise TlogRefused("tile-invalid", "a tile has not the length of its width")
