"""Sends events to the participants' webhooks, page by page, each once for everybody who is due."""

import logging
import threading
from typing import Final

from protocol.problems import Refusal
from registry.domain.rounds import Loop
from registry.outgoing import Caller, NotCalled
from registry.policy.delivery import DEFAULT_DELIVERY, DeliveryRules
from registry.rounds import RoundBook
from registry.usecases.context import Registry
from registry.usecases.feed.deliver_events import (
    Delivery,
    delivery_headers,
    due_recipients,
    settle_delivery,
    take_delivery,
)

_LOG: Final = logging.getLogger("clearline.webhooks")
_PAGES_IN_A_ROW: Final = 20
_SUCCESS: Final = range(200, 300)
_REDIRECTION: Final = range(300, 400)


def deliver_due(registry: Registry, caller: Caller, rules: DeliveryRules = DEFAULT_DELIVERY) -> int:
    """One round over everybody who is due; returns how many pages arrived. Safe with any number of workers."""
    arrived = 0
    for recipient in due_recipients(registry):
        for _ in range(_PAGES_IN_A_ROW):
            delivery = take_delivery(registry, recipient, rules)
            if delivery is None:
                break
            failure = _send(registry, caller, delivery)
            settle_delivery(registry, delivery, failure, rules)
            if failure is not None:
                _LOG.warning("a delivery to %s failed: %s", recipient, failure)
                break
            arrived += 1
    return arrived


def run(registry: Registry, caller: Caller, stop: threading.Event, interval_seconds: float) -> None:
    """Deliver until ``stop`` is set; a round that the database refuses is tried again at the next one."""
    book = RoundBook(registry, Loop.DELIVERIES, interval_seconds)
    while not stop.wait(interval_seconds):
        try:
            deliver_due(registry, caller)
        except Refusal as refusal:
            _LOG.warning("delivery round refused: %s", refusal.problem.value.name)
        else:
            book.finished()


def _send(registry: Registry, caller: Caller, delivery: Delivery) -> str | None:
    """Post the delivery once; None, or a stable word for what went wrong. The answer's body is not read."""
    try:
        with caller.post(delivery.url, delivery.body, delivery_headers(registry, delivery)) as response:
            return _outcome(response.status_code)
    except NotCalled as failed:
        return failed.code


def _outcome(status: int) -> str | None:
    if status in _SUCCESS:
        return None
    return "redirection" if status in _REDIRECTION else f"status-{status}"
