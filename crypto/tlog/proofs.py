"""Builds proofs (RFC 6962, sections 2.1.1 and 2.1.2) and roots from a reader of subtree hashes or of tiles."""

from collections.abc import Callable, Sequence

from crypto.errors import TlogRefused
from crypto.tlog.frontier import TileReader
from crypto.tlog.merkle import Node, check_size, fold, range_nodes
from crypto.tlog.tiles import check_length, hash_in_tile, tile_of

HashReader = Callable[[Sequence[Node]], Sequence[bytes]]
"""Returns the hash of each requested complete subtree, in order. It is called once, so it may fetch in parallel."""

Range = tuple[int, int]


def tree_root(size: int, read: HashReader) -> bytes:
    """Compute MTH(D[size]) (RFC 6962, section 2.1)."""
    check_size(size)
    return _hashes_of([(0, size)], read)[0]


def prove_inclusion(index: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """Compute PATH(index, D[size]) (RFC 6962, section 2.1.1): from the leaf's sibling up to the root's child."""
    check_size(size)
    if not 0 <= index < size:
        raise TlogRefused("out-of-range", "the index is not in the tree")
    start, end = 0, size
    ranges: list[Range] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _hashes_of(ranges[::-1], read)


def prove_consistency(old_size: int, new_size: int, read: HashReader) -> tuple[bytes, ...]:
    """Compute PROOF(old_size, D[new_size]) (RFC 6962, section 2.1.2); empty from size 0 and to the same size."""
    check_size(old_size)
    check_size(new_size)
    if old_size > new_size:
        raise TlogRefused("old-above-new", "the old tree is larger than the new one")
    if old_size in {0, new_size}:
        return ()
    start, end = 0, new_size
    ranges: list[Range] = []
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # otherwise the subtree is the whole old tree, whose root the verifier has
        ranges.append((start, end))
    return _hashes_of(ranges[::-1], read)


def hashes_from_tiles(size: int, fetch: TileReader) -> HashReader:
    """Read hashes from trusted tiles, such as the log's own; `authentic.py` reads another party's."""

    def read(nodes: Sequence[Node]) -> list[bytes]:
        places = [tile_of(node, size) for node in nodes]
        wanted = sorted(set(places))
        held = dict(zip(wanted, fetch(wanted), strict=True))
        for tile, data in held.items():
            check_length(tile, data)
        return [hash_in_tile(tile, held[tile], node) for tile, node in zip(places, nodes, strict=True)]

    return read


def _split(length: int) -> int:
    """Return the largest power of two smaller than `length`, the k of RFC 6962."""
    return 1 << (length - 1).bit_length() - 1


def _hashes_of(ranges: Sequence[Range], read: HashReader) -> tuple[bytes, ...]:
    """Compute the Merkle Tree Hash of each range; read all their subtrees at once."""
    parts = [range_nodes(start, end) for start, end in ranges]
    hashes = iter(read([node for part in parts for node in part]))
    return tuple(fold([next(hashes) for _ in part]) for part in parts)
