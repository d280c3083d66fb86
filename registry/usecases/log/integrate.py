"""Gives waiting entries their places in a year's tree, checks it and signs it in one transaction, unpublished."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint
from crypto.tlog.frontier import Frontier, Growth, append
from crypto.tlog.merkle import leaf_hashes, subtree_root
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_WIDTH, TILE_HEIGHT
from protocol.log_entries import leaf_data
from registry.domain.log import ENTRY_VERSION, Leaf, LogHead, Waiting, ids_of
from registry.domain.log_faults import HeadFileRefused, LogDamaged
from registry.store.transactions import Transaction
from registry.usecases.context import LogIdentity, Registry
from registry.usecases.log.tree import check_extends, empty_head, frontier_of

_CHECKED: Final = 64
"""The leaves of the newest entry bundle, which are read again before each batch."""

Sign = Callable[[Checkpoint], bytes]
"""Signs a checkpoint and returns its note; an exception of it rolls the batch back, and the entries go on waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """The result of one transaction: ``count`` entries got places, and ``note`` is the tree's new checkpoint."""

    count: int
    size: int
    note: bytes | None = field(repr=False)


def integrate(registry: Registry, year: int, known: Checkpoint | None, sign: Sign, limit: int) -> Integrated:
    """Integrate up to ``limit`` waiting entries of a year, in one transaction.

    ``known`` is the published head outside the database. Raises LogForked if the database does not extend it,
    HeadFileRefused if a published year has no head outside, LogDamaged if a tree contradicts itself, Refusal if the
    database does not answer.

    After a crash before COMMIT the entries go on waiting. After a later crash they have their places for ever and the
    signed note stands in the head, unpublished; the next round publishes it after the same checks.
    """

    def work(tx: Transaction) -> Integrated:
        head = tx.trees.lock(empty_head(year))
        if known is None and head.published is not None:
            raise HeadFileRefused("heads-lost", "nothing remembers the head that the database says was published")
        frontier = frontier_of(head)
        check_extends(tx, head, known)
        _check_right_edge(tx, head, frontier)
        note = checked_note(registry.log, head)
        waiting = tx.pending.batch(*ids_of(year), limit)
        if not waiting:
            return Integrated(count=0, size=head.size, note=note)
        grown = _place(tx, head, frontier, waiting)
        new = _sign(registry.log, head, grown, sign)
        tx.trees.advance(head, new)
        return Integrated(count=len(waiting), size=new.size, note=new.note)

    return registry.store.write(work)


def checked_note(log: LogIdentity, head: LogHead) -> bytes | None:
    """Return the head's note if the log signed it and it equals the head; raises LogDamaged."""
    if head.note is None:
        if head.size:
            raise LogDamaged("note-wrong", "a tree with leaves has no signed note")
        return None
    origin = log.origin(head.shard)
    try:
        signed = open_checkpoint(head.note, origin=origin, log_keys=[log.key(head.shard)])
    except TlogRefused as refused:
        raise LogDamaged("note-wrong", f"the note of a head is refused: {refused.code}") from None
    if signed.checkpoint != Checkpoint(origin=origin, size=head.size, root=head.root):
        raise LogDamaged("note-wrong", "the note of a head is that of another tree")
    return head.note


def _check_right_edge(tx: Transaction, head: LogHead, frontier: Frontier) -> None:
    """Check that the newest leaves and the newest full tile of each level match the edges.

    A batch builds on these; `check_log` reads the rest of the tree.
    """
    if head.size == 0:
        return
    start = max(head.size - head.size % FULL_WIDTH, head.size - _CHECKED)
    kept = _hashes(_leaves(tx, head.shard, start, head.size))
    if b"".join(kept) != frontier.edges[0][len(frontier.edges[0]) - len(kept) * HASH_BYTES :]:
        raise LogDamaged("leaf-wrong", "a leaf that has its place is not what the tree commits to")
    above = {
        (level - 1, (head.size >> TILE_HEIGHT * level) - 1): edge[-HASH_BYTES:]
        for level, edge in enumerate(frontier.edges)
        if level and edge
    }
    tiles = tx.trees.tiles(head.shard, above)
    for place, expected in above.items():
        if place not in tiles:
            raise LogDamaged("tile-missing", "a full tile of the tree is not kept")
        if subtree_root(tiles[place]) != expected:
            raise LogDamaged("tile-wrong", "a full tile is not what the tree commits to")


def _place(tx: Transaction, head: LogHead, frontier: Frontier, waiting: Waiting) -> Growth:
    """Give each entry the next index, add the tiles that became full, and delete exactly the read entries from waiting.

    The tree grows from the rows that are read back, not from those that were sent: the signature covers the stored
    leaves.
    """
    digests = [data[1:] for data in map(leaf_data, waiting.cores, waiting.core_salts)]
    leaves = list(zip(waiting.entry_ids, digests, strict=True))
    tx.pending.take_out(waiting)
    tx.trees.add_leaves(head.shard, head.size, leaves)
    kept = _leaves(tx, head.shard, head.size, head.size + len(leaves))
    if kept != leaves:
        raise LogDamaged("leaf-wrong", "a leaf was not kept as it was written")
    grown = append(frontier, _hashes(kept))
    full = {(each.tile.level, each.tile.index): each.data for each in grown.tiles if each.tile.is_full}
    tx.trees.add_tiles(head.shard, full)
    if tx.trees.tiles(head.shard, full) != full:
        raise LogDamaged("tile-wrong", "a tile was not kept as it was written")
    return grown


def _sign(log: LogIdentity, head: LogHead, grown: Growth, sign: Sign) -> LogHead:
    """Return the head after a batch, with its signed note."""
    frontier = grown.frontier
    root = frontier.root()
    note = sign(Checkpoint(origin=log.origin(head.shard), size=frontier.size, root=root))
    new = replace(head, size=frontier.size, root=root, edges=b"".join(frontier.edges), note=note)
    # Verify with the published public key: readers would refuse a note under another key.
    checked_note(log, new)
    return new


def _leaves(tx: Transaction, year: int, start: int, end: int) -> list[Leaf]:
    kept = tx.trees.leaves(year, start, end)
    if len(kept) != end - start:
        raise LogDamaged("leaf-missing", "a place of the tree has no leaf")
    return kept


def _hashes(kept: Sequence[Leaf]) -> list[bytes]:
    return leaf_hashes(ENTRY_VERSION + digest for _, digest in kept)
