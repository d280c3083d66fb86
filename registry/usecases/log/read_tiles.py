"""Reads the tree of a year: its tiles and entry bundles by their canonical paths, and consistency proofs."""

from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.bundles import encode_bundle
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency
from crypto.tlog.text import base64_encode
from crypto.tlog.tiles import FULL_WIDTH, Tile, check_in_tree, parse_entries_path, parse_tile_path
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.log import ENTRY_VERSION
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.published import published

_BUNDLES: Final = "tile/entries/"


def read_tile(registry: Registry, year: int, path: str) -> bytes:
    """Read the tile or bundle at ``tile/...``, which never changes.

    Raises Refusal BAD_REQUEST for a path that is not canonical, NOT_FOUND for one beyond the published head.
    """
    is_bundle = path.startswith(_BUNDLES)
    try:
        tile = parse_entries_path(path) if is_bundle else parse_tile_path(path)
    except TlogRefused as refused:
        raise Refusal(Problem.BAD_REQUEST, detail=refused.code) from None

    def work(tx: Transaction) -> bytes:
        tree = published(tx, year)
        try:
            check_in_tree(tile, tree.size)
        except TlogRefused:
            raise Refusal(Problem.NOT_FOUND) from None
        return _bundle(tx, year, tile) if is_bundle else tree.tiles((tile,))[0]

    return registry.store.read(work)


def read_consistency(registry: Registry, year: int, old: int, new: int) -> bytes:
    """Prove that the tree of ``new`` entries extends that of ``old``: one base64 hash a line.

    Raises Refusal NOT_FOUND beyond the published head, INVALID_FIELD if the old tree is the larger one.
    """
    if old > new:
        raise Refusal(Problem.INVALID_FIELD, fields={"old": FieldCode.OUT_OF_RANGE})

    def work(tx: Transaction) -> bytes:
        tree = published(tx, year)
        if new > tree.size:
            raise Refusal(Problem.NOT_FOUND)
        proof = prove_consistency(old, new, hashes_from_tiles(new, tree.tiles))
        return "".join(f"{base64_encode(each)}\n" for each in proof).encode("ascii")

    return registry.store.read(work)


def _bundle(tx: Transaction, year: int, tile: Tile) -> bytes:
    first = tile.index * FULL_WIDTH
    leaves = tx.trees.leaves(year, first, first + tile.width)
    return encode_bundle([ENTRY_VERSION + digest for _, digest in leaves])
