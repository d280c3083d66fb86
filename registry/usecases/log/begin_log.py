"""Begins a log under a new name with the present trees, after entries of the old one were lost for ever."""

from dataclasses import replace

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from registry.domain.log import LogHead
from registry.domain.log_faults import LogDamaged
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.integrate import Sign
from registry.usecases.log.tree import empty_head, frontier_of


def begin_log(registry: Registry, year: int, sign: Sign) -> bool:
    """Sign a year's tree under the present name, without publishing it; return False if there was no such tree.

    Only a tree whose head was signed under another name is taken over: a log never begins again under its own name,
    which would be a fork. The old log ends with its last published head, and every holder of that head can prove it.
    """

    def work(tx: Transaction) -> bool:
        head = tx.trees.lock(empty_head(year))
        origin = registry.log.origin(year)
        if head.note is None or _origin(head, head.note) == origin:
            return False
        frontier_of(head)
        note = sign(Checkpoint(origin=origin, size=head.size, root=head.root))
        tx.trees.advance(head, replace(head, note=note))
        tx.trees.publish(year, None)
        state = tx.witnesses.lock(year)
        tx.witnesses.change(replace(state, candidate=None, candidate_since=None, witnessed=None))
        return True

    return registry.store.write(work)


def years_to_begin(registry: Registry) -> list[int]:
    """List the years whose tree was signed under another name than the present one; raises LogDamaged."""
    heads = registry.store.read(lambda tx: tx.trees.heads())
    return [
        head.shard
        for head in heads
        if head.note is not None and _origin(head, head.note) != registry.log.origin(head.shard)
    ]


def _origin(head: LogHead, note: bytes) -> str:
    try:
        signed = parse_signed_checkpoint(note)
    except TlogRefused as refused:
        raise LogDamaged("note-wrong", f"the note of a head is refused: {refused.code}") from None
    if (signed.checkpoint.size, signed.checkpoint.root) != (head.size, head.root):
        raise LogDamaged("note-wrong", "the note of a head is that of another tree")
    return signed.checkpoint.origin
