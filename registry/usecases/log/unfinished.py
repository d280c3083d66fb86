"""Find the years whose trees need work: entries wait, or a head is not remembered everywhere yet."""

import uuid
from collections.abc import Callable, Mapping

from registry.domain.log import LogHead, ids_of, shard_of
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def unfinished_years(registry: Registry, remember: Callable[[], Mapping[int, bytes]]) -> tuple[int, ...]:
    """List the years, oldest first; ``remember`` returns the published notes outside the database.

    A year is unfinished too if only the outside or only the database has its head: then the database is behind, or the
    outside file is lost, which `integrate` finds out.
    """
    heads = registry.store.read(lambda tx: tx.trees.heads())
    # Read the outside first: it knew each published head before the database marked it so.
    remembered = remember()
    settled = {head.shard for head in heads if _is_settled(head, remembered.get(head.shard))}
    known = {head.shard for head in heads} | set(remembered)
    return tuple(sorted((known - settled) | set(registry.store.read(_waiting_years))))


def _is_settled(head: LogHead, outside: bytes | None) -> bool:
    """Tell whether all hold the same note, with the head's size in its second line; `integrate` verifies it."""
    if not head.note == head.published == outside:
        return False
    return head.note is None or head.note.split(b"\n", 2)[1:2] == [str(head.size).encode()]


def _waiting_years(tx: Transaction) -> tuple[int, ...]:
    """Find the years of waiting entries: that of the oldest entry, then that of the oldest after that year."""
    years: list[int] = []
    start = uuid.UUID(int=0)
    while (oldest := tx.pending.oldest(start)) is not None:
        years.append(shard_of(oldest))
        _, start = ids_of(years[-1])
    return tuple(years)
