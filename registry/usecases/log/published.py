"""The tree of one year as the world may see it: everything that is served is answered at its published size."""

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
        """What this log says, or would have said, of its first ``size`` entries; no more than are published."""
        root = frontier_at(size, self.tiles).root()
        return Checkpoint(origin=self.signed.checkpoint.origin, size=size, root=root)


def find_published(tx: Transaction, year: int) -> Published | None:
    """What is published of a year; None where that is nothing.

    The head is read before the tiles: whatever it says is full is there by then, whoever goes on writing.
    """
    head = tx.trees.head(year)
    if head is None or head.published is None:
        return None
    signed = parse_signed_checkpoint(head.published)
    return Published(head=head, note=head.published, signed=signed, tiles=tiles_of(tx, head))


def published(tx: Transaction, year: int) -> Published:
    """The same; raises Refusal NOT_FOUND where nothing is published."""
    found = find_published(tx, year)
    if found is None:
        raise Refusal(Problem.NOT_FOUND)
    return found
