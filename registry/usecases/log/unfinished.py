"""Find the years whose trees need work: entries wait, or a head is not remembered everywhere yet."""

import uuid
from collections.abc import Callable, Mapping

from registry.domain.log import LogHead, ids_of, shard_of
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def unfinished_years(registry: Registry, remember: Callable[[], Mapping[int, bytes]]) -> tuple[int, ...]:
    """The years, oldest first; ``remember`` gives the published notes that are kept outside the database.

    A year is unfinished too when only the outside or only the database knows its head: then the database is behind, or
    what was remembered is lost, which integrating it tells.
    """
    heads = registry.store.read(lambda tx: tx.trees.heads())
    # In this order: what the database says was published, the outside knew before.
    remembered = remember()
    settled = {head.shard for head in heads if _is_settled(head, remembered.get(head.shard))}
    known = {head.shard for head in heads} | set(remembered)
    return tuple(sorted((known - settled) | set(registry.store.read(_waiting_years))))


def _is_settled(head: LogHead, outside: bytes | None) -> bool:
    """Everybody has the same note, and its second line is the head's size; whether it is true, integrating tells."""
    if not head.note == head.published == outside:
        return False
    return head.note is None or head.note.split(b"\n", 2)[1:2] == [str(head.size).encode()]


def _waiting_years(tx: Transaction) -> tuple[int, ...]:
    """From year to year: the oldest entry that waits, and the oldest after that one's year."""
    years: list[int] = []
    start = uuid.UUID(int=0)
    while (oldest := tx.pending.oldest(start)) is not None:
        years.append(shard_of(oldest))
        _, start = ids_of(years[-1])
    return tuple(years)
