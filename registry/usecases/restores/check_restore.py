"""Compares the database with other parties' evidence of the log, and finds acknowledged entries that it lost."""

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
    """One year: the database's tree, the largest head in evidence, and the fault of a head that contradicts it."""

    year: int
    size: int
    seen_size: int
    fault: LogFaultCode | None

    @property
    def lost(self) -> int:
        """Count the published entries that the database lacks."""
        return max(0, self.seen_size - self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCheck:
    """The proven losses of a restore; ``newest`` is the time of the database's newest entry."""

    standing: Standing
    newest: dt.datetime | None
    trees: tuple[TreeCheck, ...]
    lost: tuple[SeenEntry, ...]
    participants: tuple[Participant, ...]


def check_restore(registry: Registry, evidence: Sequence[Seen]) -> RestoreCheck:
    """Find the entries of ``evidence`` that the database lacks; nothing is changed."""
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
            fault = fork.code  # keep the smallest contradicted head: the tree reached its size and differs
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
