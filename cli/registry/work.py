"""The loops that a registry needs beside its server: they run in `registry worker`, and in an embedded `serve`."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli.outcome import Failure
from cli.output import say
from crypto.envelope.provider import UNSEALED, KeyProvider
from registry.domain.rounds import Loop
from registry.settings import Settings
from registry.usecases.context import Registry
from registry.wiring import answering, build_integrator
from registry.work import outgoing, probe, watch, webhooks, witness_feed, worker
from registry.work.rounds import RoundBook

INTERVAL_SECONDS: Final = 60.0
"""Seconds between two rounds of the clock."""
_DELIVERY_SECONDS: Final = 2.0
"""Seconds between two rounds of deliveries."""

_NO_WORK: Final = (
    "This process runs no clock and delivers no events: `clearline registry worker` has to run beside it. "
    "GET /readyz says worker-late while it does not."
)
_NO_LOG: Final = "This process gives no entry its place in the log: `clearline registry worker` has to run beside it."

Loops = dict[str, Callable[[], None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The loops of one process, not yet running."""

    registry: Registry
    settings: Settings
    stop: threading.Event
    provider: KeyProvider = UNSEALED
    interval: float = INTERVAL_SECONDS

    def clock(self) -> None:
        """Run the clock until the process stops."""
        worker.run(self.registry, self.stop, self.interval)

    def beside(self) -> Loops:
        """Run the other loops in threads of their own: a slow webhook delays no deadline, and neither delays the log.

        Each of them, and the clock, may run in another process as well.
        """
        return self.without_integrator() | self.integrator()

    def without_integrator(self) -> Loops:
        """The same, where another process integrates the access log."""
        caller = _caller(self.registry)
        feed = witness_feed.WitnessFeed(registry=self.registry, caller=caller)
        return {
            "deliveries": lambda: webhooks.run(self.registry, caller, self.stop, min(self.interval, _DELIVERY_SECONDS)),
            "feeding of witnesses": lambda: feed.run(self.stop),
            **self.watch(),
        }

    def integrator(self) -> Loops:
        """The loop that integrates the access log."""
        found = build_integrator(self.settings, self.registry, self.provider)
        return {"integrator": lambda: found.run(self.stop)}

    def probe(self) -> Loops:
        """The loop that looks at the database for `/readyz`, in each process that serves."""
        registry = answering(self.settings, self.registry)
        return {"probe": lambda: probe.run(registry, self.stop)}

    def watch(self) -> Loops:
        """The loop that writes the standing alarms to this process's log."""
        return {"watch": lambda: watch.run(self.registry, self.stop)}


def left_to_others(settings: Settings) -> list[str]:
    """Name the loops that a server with these settings leaves to `registry worker`, for the line at its start."""
    if not settings.work:
        return [_NO_WORK]
    return [] if settings.integrate else [_NO_LOG]


def run_once(registry: Registry, settings: Settings, interval: float, provider: KeyProvider) -> None:
    """Run one round of each loop; ``interval`` is the time to the next. Raises Failure where the log stands still."""
    caller = _caller(registry)
    say(f"records enforced: {worker.tick(registry)}")
    RoundBook(registry, Loop.CLOCK, interval).finished()
    say(f"pages of events delivered: {webhooks.deliver_due(registry, caller)}")
    RoundBook(registry, Loop.DELIVERIES, interval).finished()
    done = build_integrator(settings, registry, provider).round()
    RoundBook(registry, Loop.INTEGRATOR, interval).finished(done.faults)
    say(f"entries integrated: {done.integrated}")
    if done.faults:
        raise Failure(f"the access log stands still: {', '.join(done.faults)}")
    fed = witness_feed.WitnessFeed(registry=registry, caller=caller).round()
    RoundBook(registry, Loop.WITNESS_FEED, interval).finished()
    say(f"lines of witnesses that were fed: {fed}")


def _caller(registry: Registry) -> outgoing.Caller:
    return outgoing.Caller(http=outgoing.make_http(), private_allowed=registry.private_webhooks)
