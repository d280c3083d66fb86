"""Recomputes a year's whole tree from its leaves and their entries, and compares it with the stored tree."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.frontier import Frontier, Growth, append
from crypto.tlog.merkle import leaf_hashes
from protocol.log_entries import leaf_data
from registry.domain.log import ENTRY_VERSION, LogHead
from registry.domain.log_faults import LogFault
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.integrate import checked_note
from registry.usecases.log.publish import published
from registry.usecases.log.tree import check_extends, frontier_of

_CHUNK: Final = 8_192
"""The number of leaves of a step: whole tiles of the lowest level."""

Tell = Callable[[int, int], None]
"""Receives, from time to time, the number of checked leaves and of all leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeReport:
    """One year's tree: its size, and the number of each fault (codes of ``LogFault``)."""

    year: int
    size: int
    faults: dict[str, int]


def check_tree(registry: Registry, year: int, known: Checkpoint | None, tell: Tell) -> TreeReport:
    """Read every leaf, entry and tile of a year up to the present head, without locks.

    ``known`` is the published head outside the database. Nothing is repaired.
    """
    found: Counter[str] = Counter()
    head = registry.store.read(lambda tx: tx.trees.head(year))
    if head is None:
        if known is not None:
            found["database-behind"] += 1
        return TreeReport(year=year, size=0, faults=dict(found))
    frontier = Frontier()
    while frontier.size < head.size:
        end = min(frontier.size + _CHUNK, head.size)
        growth, faults = registry.store.read(partial(_derive, head=head, frontier=frontier, end=end))
        found.update(faults)
        frontier = growth.frontier
        if frontier.size != end:
            # A place is empty, so that no leaf to its right can match the tree.
            break
        tell(end, head.size)
    found.update(registry.store.read(lambda tx: _compare_head(tx, registry, head, known, frontier)))
    return TreeReport(year=year, size=head.size, faults=dict(found))


def _derive(tx: Transaction, *, head: LogHead, frontier: Frontier, end: int) -> tuple[Growth, Counter[str]]:
    """Grow the tree by the leaves up to ``end``; count the faults of leaves, entries and tiles."""
    faults: Counter[str] = Counter()
    leaves = tx.trees.leaves(head.shard, frontier.size, end)
    faults["leaf-missing"] += end - frontier.size - len(leaves)
    cores = tx.openings.cores([entry_id for entry_id, _ in leaves])
    for entry_id, digest in leaves:
        entry = cores.get(entry_id)
        if entry is None:
            faults["opening-missing"] += 1
        elif leaf_data(*entry) != ENTRY_VERSION + digest:
            faults["opening-wrong"] += 1
    growth = append(frontier, leaf_hashes(ENTRY_VERSION + digest for _, digest in leaves))
    faults.update(_compare_tiles(tx, head.shard, growth))
    return growth, +faults


def _compare_tiles(tx: Transaction, year: int, growth: Growth) -> Counter[str]:
    faults: Counter[str] = Counter()
    full = {(each.tile.level, each.tile.index): each.data for each in growth.tiles if each.tile.is_full}
    kept = tx.trees.tiles(year, full)
    for place, data in full.items():
        if place not in kept:
            faults["tile-missing"] += 1
        elif kept[place] != data:
            faults["tile-wrong"] += 1
    return faults


def _compare_head(
    tx: Transaction, registry: Registry, head: LogHead, known: Checkpoint | None, frontier: Frontier
) -> dict[str, int]:
    """Compare the head with the recomputed tree, its notes, and the head outside the database."""
    faults: Counter[str] = Counter()
    if frontier.size == head.size and frontier.root() != head.root:
        faults["leaf-wrong"] += 1
    checks: tuple[Callable[[], object], ...] = (
        lambda: frontier_of(head),
        lambda: checked_note(registry.log, head),
        lambda: check_extends(tx, head, known),
        lambda: check_extends(tx, head, published(head)),
    )
    for check in checks:
        try:
            check()
        except LogFault as fault:
            faults[fault.code] += 1
    return dict(faults)
