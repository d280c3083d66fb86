"""Reads and writes entry bundles of c2sp.org/tlog-tiles: each entry follows its length in 16 bits, big-endian."""

from collections.abc import Sequence
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.tiles import FULL_WIDTH, Tile, check_length

MAX_ENTRY_BYTES: Final = 0xFFFF
_PREFIX: Final = 2


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write 1 to 256 entries as one bundle."""
    if not 1 <= len(entries) <= FULL_WIDTH:
        raise TlogRefused("out-of-range", "a bundle has from 1 to 256 entries")
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise TlogRefused("too-large", "an entry has more than 65,535 bytes")
    return b"".join([len(entry).to_bytes(_PREFIX, "big") + entry for entry in entries])


def decode_bundle(data: bytes, *, width: int) -> list[bytes]:
    """Read exactly `width` entries; refuse bytes after them."""
    entries, at, end = [], 0, len(data)
    for _ in range(width):
        start = at + _PREFIX
        at = start + int.from_bytes(data[at:start], "big")
        if start > end or at > end:
            raise TlogRefused("tile-invalid", "a bundle ends before its last entry")
        entries.append(data[start:at])
    if at != end:
        raise TlogRefused("tile-invalid", "a bundle goes on after its last entry")
    return entries


def verify_bundle(data: bytes, tile: Tile, tile_data: bytes) -> list[bytes]:
    """Read the entries of a bundle; each must hash to its place in the (authenticated) level 0 tile beside it."""
    if tile.level != 0:
        raise TlogRefused("out-of-range", "only a level 0 tile has entries beside it")
    check_length(tile, tile_data)
    entries = decode_bundle(data, width=tile.width)
    if b"".join(leaf_hashes(entries)) != tile_data:
        raise TlogRefused("tile-invalid", "an entry is not the one that the tile commits to")
    return entries
