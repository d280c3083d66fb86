"""Stores in the database the last finished round of a process's loop, and the alarms that stand in it."""

import logging
from collections.abc import Collection
from typing import Final

from protocol.problems import Refusal
from registry.domain.rounds import Loop, WorkRound
from registry.usecases.context import Registry

_LOG: Final = logging.getLogger("clearline.rounds")
_TELLING_SECONDS: Final = 10
"""A loop that runs four times a second stores a round this often, and at once when its alarms change."""


class RoundBook:
    """The rounds of one loop; ``every_seconds`` is the pause between two of them."""

    __slots__ = ("_every", "_loop", "_registry", "_told", "_told_at")

    def __init__(self, registry: Registry, loop: Loop, every_seconds: float) -> None:
        self._registry = registry
        self._loop = loop
        self._every = max(_TELLING_SECONDS, int(every_seconds))
        self._told: tuple[bool, frozenset[str]] | None = None
        self._told_at = registry.clock()

    def finished(self, faults: Collection[str] = ()) -> None:
        """Store a finished round; ``faults`` are the codes of the alarms that stand in it."""
        self._tell(done=True, faults=frozenset(faults))

    def held(self, faults: Collection[str]) -> None:
        """Store the alarms that stopped a round: `/readyz` names them, and the last finished round grows older."""
        self._tell(done=False, faults=frozenset(faults))

    def _tell(self, *, done: bool, faults: frozenset[str]) -> None:
        now = self._registry.clock()
        if self._told == (done, faults) and abs((now - self._told_at).total_seconds()) < _TELLING_SECONDS:
            return
        told = WorkRound(
            loop=self._loop, finished_at=now if done else None, every_seconds=self._every, faults=tuple(faults)
        )
        try:
            self._registry.store.write(lambda tx: tx.rounds.tell(told))
        except Refusal as refusal:
            # The row grows old, which raises the alarm; readiness tests the database itself.
            _LOG.warning("a finished round of %s could not be kept: %s", self._loop, refusal.problem.value.name)
        else:
            self._told, self._told_at = (done, faults), now
