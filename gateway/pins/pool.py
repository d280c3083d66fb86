"""Holds the pool of the pinned committee's custodians: follows the pins while it runs, and refuses while it is stopped.

A process keeps the key under which it began: a committee of the same key takes over at once, another key at the next
start.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from client.deadline import Deadline
from gateway.identity.custodians import CustodianClient, CustodianPool
from gateway.pins.codes import FOR_A_PERSON, KeyChanged
from gateway.pins.renewal import PinKeeper
from gateway.pins.values import Pins
from serving.settings import SettingsError

_WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedCommittee:
    """The custodians to ask now, and the pins under which their answers count."""

    pins: Pins
    pool: CustodianPool


class PinnedPool:
    """The pool of the present committee. Thread-safe; ``close`` ends all pools that it made."""

    def __init__(self, keeper: PinKeeper, make: Callable[[Pins], CustodianPool]) -> None:
        """Make the first pool; raises KeyChanged where nothing usable is pinned. A stop is raised at the first use."""
        self._keeper = keeper
        self._make = make
        self._lock = threading.Lock()
        self._present = self._made(keeper.book.pins())
        self._left: list[CustodianPool] = []
        self._watchers: list[Callable[[CustodianPool], None]] = []

    def present(self) -> PinnedCommittee:
        """Return the present committee; raises KeyChanged while the gateway is stopped, or its key is another one."""
        self._keeper.book.refuse_stopped()
        present = self._follow(self._keeper.book.pins())
        if present.pool.is_left_by_members:
            self._keeper.renewal.hint()
        return present

    def renewed(self, since: PinnedCommittee, deadline: Deadline | None) -> PinnedCommittee | None:
        """Look for the successor of a committee that serves no more; None where none is proven in time."""
        left = _WAIT_SECONDS if deadline is None else min(deadline.left(), _WAIT_SECONDS)
        self._keeper.renewal.run(left)
        present = self.present()
        return present if present.pins.number > since.pins.number else None

    @property
    def members(self) -> tuple[CustodianClient, ...]:
        """The custodians of the committee whose pool was used last."""
        return self._known().pool.members

    @property
    def threshold(self) -> int:
        return self._known().pins.threshold

    @property
    def faults(self) -> dict[int, str]:
        """Custodians of the present committee that answered wrongly, index to reason."""
        return self._known().pool.faults

    def is_stopped(self) -> bool:
        """Tell whether nothing is tokenised now."""
        try:
            self.present()
        except KeyChanged:
            return True
        return False

    def alarms(self) -> frozenset[str]:
        """Return the codes of what a person has to look at."""
        if self.is_stopped():
            return frozenset({"key-changed"})
        doubt = self._keeper.book.read().doubt
        if doubt is None:
            return frozenset()
        return frozenset({"committee-waits" if doubt.code in FOR_A_PERSON else "committee-unproven"})

    def each_pool(self, watcher: Callable[[CustodianPool], None]) -> None:
        """Call ``watcher`` with the present pool, and with each later one before it is used."""
        with self._lock:
            self._watchers.append(watcher)
            watcher(self._present.pool)

    def close(self) -> None:
        """Close the present pool and those before it."""
        with self._lock:
            for pool in (*self._left, self._present.pool):
                pool.close()

    def _known(self) -> PinnedCommittee:
        with self._lock:
            return self._present

    def _follow(self, pins: Pins) -> PinnedCommittee:
        with self._lock:
            before = self._present
            if pins == before.pins:
                return before
            if (pins.epoch, pins.joint_public_key) != (before.pins.epoch, before.pins.joint_public_key):
                raise KeyChanged("start-again", "a person named another key: start this process again to use it")
            if _custodians(pins) == _custodians(before.pins):
                # Only what is known of the same committee has changed, such as its canary.
                self._present = PinnedCommittee(pins=pins, pool=before.pool)
                return self._present
            try:
                self._present = self._made(pins)
            except SettingsError as wrong:
                raise KeyChanged("address-unusable", str(wrong)) from None
            # Calls under way go on at the former pool: its threads end with the gateway.
            before.pool.is_left.set()
            self._left.append(before.pool)
            for watcher in self._watchers:
                watcher(self._present.pool)
            return self._present

    def _made(self, pins: Pins) -> PinnedCommittee:
        return PinnedCommittee(pins=pins, pool=self._make(pins))


def _custodians(pins: Pins) -> tuple[object, ...]:
    return pins.number, pins.threshold, tuple((each.index, each.url, each.public_key) for each in pins.members)
