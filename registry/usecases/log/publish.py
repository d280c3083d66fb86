"""Shows a signed head to the world, once the file outside the database remembers it."""

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from registry.domain.log import LogHead
from registry.domain.log_faults import LogDamaged, LogForked
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.tree import empty_head


def publish(registry: Registry, year: int, note: bytes) -> bool:
    """Show ``note``, unless as much is shown already; returns whether it is new.

    The caller has made sure that the file of published heads holds it. If we die before this, the file is ahead of
    what the world sees, and the next round shows it: nothing is lost, and nothing else can be shown in between.
    A restored backup is told from that by the note, which the database held before the file did.
    """
    wanted = parse_signed_checkpoint(note).checkpoint

    def work(tx: Transaction) -> bool:
        head = tx.trees.lock(empty_head(year))
        if wanted.size > head.size:
            raise LogForked("database-behind", "the database holds less than was published: is it a restored backup?")
        shown = published(head)
        if shown is not None and shown.size >= wanted.size:
            # Another integrator was faster: what is shown never goes back.
            if shown.size == wanted.size and shown.root != wanted.root:
                raise LogForked("roots-differ", "the database shows another tree than the one that was published")
            return False
        tx.trees.publish(year, note)
        return True

    return registry.store.write(work)


def published(head: LogHead) -> Checkpoint | None:
    """The checkpoint that the world may see; None before there is one. Raises LogDamaged."""
    try:
        return None if head.published is None else parse_signed_checkpoint(head.published).checkpoint
    except TlogRefused as refused:
        raise LogDamaged("note-wrong", f"a published note is refused: {refused.code}") from None
