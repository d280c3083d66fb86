"""Sends events to the participants' webhooks: one page a turn, round about, in a few threads for all of them."""

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
    """Takes the turns of the recipients; safe with any number of threads and processes, since each page is leased."""

    registry: Registry
    caller: Caller
    rules: DeliveryRules = DEFAULT_DELIVERY
    monotonic: Callable[[], float] = time.monotonic
    on_arrival: Callable[[str], object] = bool
    """Is told the recipient of each page that arrived, by several threads."""

    def lanes(self) -> Lanes[str]:
        """Threads that take the turns, to be closed by whoever asked."""
        return Lanes(self._take_turn, LaneRules(fast_seconds=self.rules.turn, slow_seconds=self.rules.slow_turn))

    def offer_due(self, lanes: Lanes[str]) -> bool:
        """Give everybody a turn who is due; whether that is anybody. Raises Refusal where the database gives none."""
        due = due_webhooks(self.registry, self.rules, lanes.busy())
        # A page that failed before gets more time, also in a process that has just begun and remembers nobody.
        lanes.offer([each.recipient for each in due], {each.recipient for each in due if each.attempts})
        return bool(due)

    def _take_turn(self, recipient: str, seconds: float) -> Turn:
        """One page to one recipient, which has so many seconds for it."""
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
        """Post the delivery once; None, or a stable word for what went wrong. The answer's body is not read."""
        caller = replace(self.caller, whole_seconds=min(seconds, self.caller.whole_seconds))
        try:
            with caller.post(delivery.url, delivery.body, delivery_headers(self.registry, delivery)) as response:
                return _outcome(response.status_code)
        except NotCalled as failed:
            return failed.code


def deliver_due(registry: Registry, caller: Caller, rules: DeliveryRules = DEFAULT_DELIVERY) -> int:
    """Deliver until nobody is due or nothing arrives; returns how many pages did. Safe with any number of workers."""
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
    """Deliver until ``stop`` is set; what the database refuses is tried again at the next look."""
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
