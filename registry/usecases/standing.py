"""Judges how the registry stands to its database: its incarnation, an undeclared restore, logs that refuse it."""

import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import parse_signed_checkpoint
from protocol.incarnation import FIRST
from registry.domain.incarnation import INCARNATION_BEHIND, Incarnation, Outside, Standing
from registry.domain.log_faults import LogFault, LogForked
from registry.store.transactions import Store, Transaction
from registry.usecases.log.tree import check_extends, empty_head

LOOK_AGAIN_SECONDS: Final = 1.0


def _nothing() -> Outside:
    return Outside()


class Watch:
    """Looks at most once a second; ``outside`` reads what is remembered beside the database."""

    def __init__(
        self, outside: Callable[[], Outside] = _nothing, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._outside = outside
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: tuple[float, Standing] | None = None

    def standing(self, store: Store) -> Standing:
        """How the registry stands now, or did a second ago; raises Refusal while the database cannot answer."""
        now = self._monotonic()
        with self._lock:
            seen = self._seen
        if seen is None or not 0 <= now - seen[0] < LOOK_AGAIN_SECONDS:
            seen = now, self.look(store)
            with self._lock:
                self._seen = seen
        return seen[1]

    def look(self, store: Store) -> Standing:
        """How the registry stands at this moment."""
        # In this order: what the outside knows of a sound database, the database knew before.
        outside = self._outside()
        return store.read(lambda tx: standing_of(tx, outside))


def standing_of(tx: Transaction, outside: Outside) -> Standing:
    """How a database stands to what is remembered outside of it.

    An older database shows by its smaller number, or by a tree that does not go on from a published head. The heads
    that were known when a restore was declared say nothing new about it.
    """
    newest = tx.incarnations.newest()
    number = FIRST if newest is None else newest.number
    found = dict(_contradicted(tx, outside.heads))
    undeclared = next((code for year, code in found.items() if not _known(newest, year, outside.heads[year])), None)
    if outside.incarnation is not None and outside.incarnation > number:
        undeclared = INCARNATION_BEHIND
    undeclared = outside.fault or undeclared
    refused = tx.incarnations.refused() | found
    return Standing(incarnation=number, undeclared=undeclared, refused=MappingProxyType(refused))


def _contradicted(tx: Transaction, heads: Mapping[int, bytes]) -> dict[int, str]:
    """The years of which a head was published that the database's tree does not begin with."""
    found: dict[int, str] = {}
    for year, note in sorted(heads.items()):
        head = tx.sequencer.head(year) or empty_head(year)
        if note in (head.note, head.published):
            continue
        try:
            check_extends(tx, head, parse_signed_checkpoint(note).checkpoint)
        except LogForked as fork:
            found[year] = fork.code
        except (LogFault, TlogRefused):
            continue  # a damaged tree or file: the integrator tells of it, and refuses the year itself
    return found


def _known(newest: Incarnation | None, year: int, note: bytes) -> bool:
    return newest is not None and newest.knew(year, note)
