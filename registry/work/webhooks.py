"""Sends events to the participants' webhooks on a few threads: one page a turn, each participant in its turn."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from protocol.problems import Refusal
from registry.domain.rounds import Loop
from registry.policy.delivery import DEFAULT_DELIVERY, DeliveryRules
from registry.usecases.context import Registry
from registry.usecases.events.deliver import (
    Delivery,
    delivery_headers,
    due_webhooks,
    settle_delivery,
    take_delivery,
)
from registry.work.lanes import LaneRules, Lanes, Turn
from registry.work.outgoing import Caller, NotCalled
from registry.work.rounds import RoundBook

_LOG: Final = logging.getLogger("clearline.webhooks")
_SUCCESS: Final = range(200, 300)
_REDIRECTION: Final = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """Delivers one page a turn; safe with any number of threads and processes, since each page is leased."""

    registry: Registry
    caller: Caller
    rules: DeliveryRules = DEFAULT_DELIVERY
    monotonic: Callable[[], float] = time.monotonic
    on_arrival: Callable[[str], object] = bool
    """Several threads call this with the recipient of each delivered page."""

    def lanes(self) -> Lanes[str]:
        """Make the threads that take the turns; the caller closes them."""
        return Lanes(self._take_turn, LaneRules(fast_seconds=self.rules.turn, slow_seconds=self.rules.slow_turn))

    def offer_due(self, lanes: Lanes[str]) -> bool:
        """Queue each due recipient and tell whether there is one. Raises Refusal if the database does not answer."""
        due = due_webhooks(self.registry, self.rules, lanes.busy())
        # A page that failed before waits in the slow lane, also in a process that has just started.
        lanes.offer([each.recipient for each in due], {each.recipient for each in due if each.attempts})
        return bool(due)

    def _take_turn(self, recipient: str, seconds: float) -> Turn:
        """Send one page to a recipient, which may take ``seconds``."""
        try:
            return self._deliver(recipient, seconds)
        except Refusal as refusal:
            _LOG.warning("a delivery to %s was refused: %s", recipient, refusal.problem.value.name)
            return Turn()

    def _deliver(self, recipient: str, seconds: float) -> Turn:
        delivery = take_delivery(self.registry, recipient, self.rules)
        if delivery is None:
            return Turn()
        begun = self.monotonic()
        failure = self._send(delivery, seconds)
        taken = self.monotonic() - begun
        settle_delivery(self.registry, delivery, failure, self.rules, seconds=taken)
        if failure is not None:
            _LOG.warning("a delivery to %s failed: %s", recipient, failure)
            return Turn(seconds=taken)
        self.on_arrival(recipient)
        return Turn(seconds=taken, more=delivery.more)

    def _send(self, delivery: Delivery, seconds: float) -> str | None:
        """Post the delivery once; return None, or a stable word for the failure. The answer's body is not read."""
        caller = replace(self.caller, whole_seconds=min(seconds, self.caller.whole_seconds))
        try:
            with caller.post(delivery.url, delivery.body, delivery_headers(self.registry, delivery)) as response:
                return _outcome(response.status_code)
        except NotCalled as failed:
            return failed.code


def deliver_due(registry: Registry, caller: Caller, rules: DeliveryRules = DEFAULT_DELIVERY) -> int:
    """Deliver until no recipient is due or none takes its page; returns the number of delivered pages."""
    arrived: list[str] = []
    deliveries = Deliveries(registry=registry, caller=caller, rules=rules, on_arrival=arrived.append)
    before = -1
    with deliveries.lanes() as lanes:
        while before < len(arrived) and deliveries.offer_due(lanes):
            before = len(arrived)
            lanes.wait()
    return len(arrived)


def run(
    registry: Registry,
    caller: Caller,
    stop: threading.Event,
    interval_seconds: float,
    rules: DeliveryRules = DEFAULT_DELIVERY,
) -> None:
    """Deliver until ``stop`` is set; after a refusal of the database try again at the next interval."""
    deliveries = Deliveries(registry=registry, caller=caller, rules=rules)
    book = RoundBook(registry, Loop.DELIVERIES, interval_seconds)
    with deliveries.lanes() as lanes:
        while not stop.wait(interval_seconds):
            try:
                deliveries.offer_due(lanes)
            except Refusal as refusal:
                _LOG.warning("delivery round refused: %s", refusal.problem.value.name)
            else:
                book.finished()


def _outcome(status: int) -> str | None:
    if status in _SUCCESS:
        return None
    return "redirection" if status in _REDIRECTION else f"status-{status}"
