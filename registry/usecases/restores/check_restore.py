"""Compares the database with what others have seen of the log: what was acknowledged and is not there."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.tlog.checkpoint import Checkpoint
from registry.domain.ids import time_of
from registry.domain.incarnations import Standing
from registry.domain.log_faults import LogFaultCode, LogForked
from registry.domain.participants import Participant
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.tree import check_extends, empty_head
from registry.usecases.restores.evidence import Seen, SeenEntry
from registry.usecases.restores.standing import look

_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeCheck:
    """One year: what the database holds, the largest head that was seen, and whether a head contradicts the tree."""

    year: int
    size: int
    seen_size: int
    fault: LogFaultCode | None

    @property
    def lost(self) -> int:
        """Entries that were published and are not in the database."""
        return max(0, self.seen_size - self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCheck:
    """What a restore lost, as far as anything shows it; ``newest`` is the time of the database's newest entry."""

    standing: Standing
    newest: dt.datetime | None
    trees: tuple[TreeCheck, ...]
    lost: tuple[SeenEntry, ...]
    participants: tuple[Participant, ...]


def check_restore(registry: Registry, evidence: Sequence[Seen]) -> RestoreCheck:
    """What the database lacks of what ``evidence`` shows; nothing is changed."""
    seen = look(registry)
    return registry.store.read(lambda tx: _check(tx, seen, evidence))


def _check(tx: Transaction, standing: Standing, evidence: Sequence[Seen]) -> RestoreCheck:
    heads: dict[int, list[Checkpoint]] = {head.shard: [] for head in tx.trees.heads()}
    for each in evidence:
        if each.head is not None:
            heads.setdefault(int(each.head.origin.rpartition("/")[2]), []).append(each.head)
    trees = tuple(_check_tree(tx, year, seen) for year, seen in sorted(heads.items()))
    sizes = {each.year: each.size for each in trees}
    entries = {each.entry for each in evidence if each.entry is not None}
    lost = [each for each in entries if _is_lost(tx, each, sizes)]
    newest = tx.openings.newest()
    return RestoreCheck(
        standing=standing,
        newest=None if newest is None else time_of(newest),
        trees=trees,
        lost=tuple(sorted(lost, key=_order)),
        participants=_members(tx),
    )


def _check_tree(tx: Transaction, year: int, seen: Sequence[Checkpoint]) -> TreeCheck:
    head = tx.trees.head(year) or empty_head(year)
    fault: LogFaultCode | None = None
    for each in sorted(seen, key=lambda known: -known.size):
        try:
            check_extends(tx, head, each)
        except LogForked as fork:
            fault = fork.code  # the smallest contradicted head says most: it was reached, and is another one
    if len({(each.size, each.root) for each in seen}) != len({each.size for each in seen}):
        fault = "roots-differ"
    return TreeCheck(year=year, size=head.size, seen_size=max((each.size for each in seen), default=0), fault=fault)


def _is_lost(tx: Transaction, entry: SeenEntry, sizes: dict[int, int]) -> bool:
    if entry.entry_id is not None:
        return tx.openings.find(entry.entry_id) is None
    return entry.place is not None and entry.place >= sizes.get(entry.year, 0)


def _order(entry: SeenEntry) -> tuple[int, int, uuid.UUID]:
    place = -1 if entry.place is None else entry.place
    return entry.year, place, entry.entry_id or uuid.UUID(int=0)


def _members(tx: Transaction) -> tuple[Participant, ...]:
    found: list[Participant] = []
    while True:
        page = tx.participants.page(found[-1].participant_id if found else None, _PAGE)
        found += page
        if len(page) < _PAGE:
            return tuple(each for each in found if each.left_at is None)
