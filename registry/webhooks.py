"""Sends events to the participants' webhooks: no redirect is followed, no private address is called unless allowed."""

import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from protocol.problems import Refusal
from registry.domain.webhook import UrlRefused, check_url, is_public
from registry.policy.delivery import DEFAULT_DELIVERY, DeliveryRules
from registry.usecases.context import Registry
from registry.usecases.feed.deliver_events import (
    Delivery,
    delivery_headers,
    due_recipients,
    settle_delivery,
    take_delivery,
)

_LOG: Final = logging.getLogger("clearline.webhooks")
_TIMEOUT_SECONDS: Final = 10.0
_PAGES_IN_A_ROW: Final = 20
_PORTS: Final = {"https": 443, "http": 80}
_SUCCESS: Final = range(200, 300)
_REDIRECTION: Final = range(300, 400)

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses that a name stands for now; empty when it stands for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(each[4][0]) for each in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends one delivery; an outcome is None or a stable word for what went wrong."""

    http: httpx.Client
    private_allowed: bool
    resolve: Resolve = resolve

    def send(self, delivery: Delivery, headers: dict[str, str]) -> str | None:
        """Post the delivery once. Its answer's body is not read."""
        try:
            check_url(delivery.url, private_allowed=self.private_allowed)
        except UrlRefused as refused:
            return refused.code
        parts = urlsplit(delivery.url)
        host = parts.hostname or ""
        addresses = self.resolve(host, parts.port or _PORTS[parts.scheme])
        if not addresses:
            return "unknown-host"
        if not self.private_allowed and not all(is_public(each) for each in addresses):
            return "private-address"
        # The address that was looked at is the one that is called: a name could stand for another a moment later.
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        port = "" if parts.port is None else f":{parts.port}"
        target = parts._replace(netloc=address + port).geturl()
        sent = {**headers, "Host": parts.netloc, "Accept-Encoding": "identity"}
        try:
            with self.http.stream(
                "POST", target, content=delivery.body, headers=sent, extensions={"sni_hostname": host}
            ) as response:
                return _outcome(response.status_code)
        except httpx.TimeoutException:
            return "timeout"
        except httpx.HTTPError:
            return "connection"


def make_http() -> httpx.Client:
    """A client that follows nothing and takes no proxy or certificate from the environment."""
    return httpx.Client(follow_redirects=False, trust_env=False, timeout=_TIMEOUT_SECONDS)


def deliver_due(registry: Registry, sender: Sender, rules: DeliveryRules = DEFAULT_DELIVERY) -> int:
    """One round over everybody who is due; returns how many pages arrived. Safe with any number of workers."""
    arrived = 0
    for recipient in due_recipients(registry):
        for _ in range(_PAGES_IN_A_ROW):
            delivery = take_delivery(registry, recipient, rules)
            if delivery is None:
                break
            failure = sender.send(delivery, delivery_headers(registry, delivery))
            settle_delivery(registry, delivery, failure, rules)
            if failure is not None:
                _LOG.warning("a delivery to %s failed: %s", recipient, failure)
                break
            arrived += 1
    return arrived


def run(registry: Registry, sender: Sender, stop: threading.Event, interval_seconds: float) -> None:
    """Deliver until ``stop`` is set; a round that the database refuses is tried again at the next one."""
    while not stop.wait(interval_seconds):
        try:
            deliver_due(registry, sender)
        except Refusal as refusal:
            _LOG.warning("delivery round refused: %s", refusal.problem.value.name)


def _outcome(status: int) -> str | None:
    if status in _SUCCESS:
        return None
    return "redirection" if status in _REDIRECTION else f"status-{status}"
