"""Publishes a signed checkpoint, once the file outside the database holds it."""

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from registry.domain.log import LogHead
from registry.domain.log_faults import LogDamaged, LogForked
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.tree import empty_head


def publish(registry: Registry, year: int, note: bytes) -> bool:
    """Publish ``note`` unless an equal or larger one is published; return True if it is new.

    The caller has written it to the file of published heads. After a crash before this the file is ahead of the
    published head, and the next round publishes it: no other head can be published in between. A restored backup
    differs from that state: it lacks the note, which the database held before the file did.
    """
    wanted = parse_signed_checkpoint(note).checkpoint

    def work(tx: Transaction) -> bool:
        head = tx.trees.lock(empty_head(year))
        if wanted.size > head.size:
            raise LogForked("database-behind", "the database holds less than was published: is it a restored backup?")
        shown = published(head)
        if shown is not None and shown.size >= wanted.size:
            # Another integrator was faster: the published head never goes back.
            if shown.size == wanted.size and shown.root != wanted.root:
                raise LogForked("roots-differ", "the database shows another tree than the one that was published")
            return False
        tx.trees.publish(year, note)
        return True

    return registry.store.write(work)


def published(head: LogHead) -> Checkpoint | None:
    """Return the public checkpoint; None before there is one. Raises LogDamaged."""
    try:
        return None if head.published is None else parse_signed_checkpoint(head.published).checkpoint
    except TlogRefused as refused:
        raise LogDamaged("note-wrong", f"a published note is refused: {refused.code}") from None
