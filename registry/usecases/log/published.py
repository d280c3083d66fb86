"""Reads the published tree of one year; all reads of the log use its published size."""

from dataclasses import dataclass

from crypto.tlog.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.frontier import TileReader, frontier_at
from protocol.problems import Problem, Refusal
from registry.domain.log import LogHead
from registry.store.transactions import Transaction
from registry.usecases.log.tree import tiles_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A year's published checkpoint, and tiles of every tree of that log up to it."""

    head: LogHead
    note: bytes
    signed: SignedCheckpoint
    tiles: TileReader

    @property
    def size(self) -> int:
        return self.signed.checkpoint.size

    def checkpoint_at(self, size: int) -> Checkpoint:
        """Return this log's checkpoint of its first ``size`` entries; ``size`` is at most the published one."""
        root = frontier_at(size, self.tiles).root()
        return Checkpoint(origin=self.signed.checkpoint.origin, size=size, root=root)


def find_published(tx: Transaction, year: int) -> Published | None:
    """Find the published tree of a year, or None.

    It reads the head before the tiles: the head's full tiles are stored by then, even during other writes.
    """
    head = tx.trees.head(year)
    if head is None or head.published is None:
        return None
    signed = parse_signed_checkpoint(head.published)
    return Published(head=head, note=head.published, signed=signed, tiles=tiles_of(tx, head))


def published(tx: Transaction, year: int) -> Published:
    """Find the published tree of a year; raises Refusal NOT_FOUND if there is none."""
    found = find_published(tx, year)
    if found is None:
        raise Refusal(Problem.NOT_FOUND)
    return found
