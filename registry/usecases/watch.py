"""Holds what is known beside the database, and how the registry was last seen to stand to it; one for each process."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from registry.domain.incarnations import Outside, Standing

LOOK_AGAIN_SECONDS: Final = 1.0


def _nothing() -> Outside:
    return Outside()


def _forget(_number: int) -> None:
    """Where nothing is remembered outside the database, nothing is to be kept there."""


class Watch:
    """``outside`` reads what is remembered; ``remember`` keeps a number there unless it holds a larger one.

    ``turn`` is held by who declares a restore, so that the processes of a machine declare one once. ``remember`` raises
    LogFault or OSError, and ``turn`` OSError.
    """

    def __init__(
        self,
        outside: Callable[[], Outside] = _nothing,
        remember: Callable[[int], None] = _forget,
        turn: Callable[[], AbstractContextManager[object]] = nullcontext,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outside: Final = outside
        self.remember: Final = remember
        self.turn: Final = turn
        self._monotonic = monotonic
        self._seen: tuple[float, Standing] | None = None

    def last(self) -> Standing | None:
        """What was seen within the last second; None where that is longer ago."""
        seen = self._seen
        fresh = seen is not None and 0 <= self._monotonic() - seen[0] < LOOK_AGAIN_SECONDS
        return seen[1] if seen is not None and fresh else None

    def keep(self, standing: Standing) -> Standing:
        """Keep what is seen now for a second."""
        self._seen = self._monotonic(), standing
        return standing
