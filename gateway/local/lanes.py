"""Give the routes of the local service their places and their time: checks have their own, apart from all else.

A full lane is refused at once, so that some of the service's threads are always free for that, and for monitors.
"""

import threading
from collections.abc import Callable
from typing import Final

from flask import Flask, g, request

from client.deadline import Deadline
from gateway.gateway import Gateway
from gateway.local.contract.operations import OPEN
from gateway.local.contract.tmf import CHECK
from protocol.problems import Problem, Refusal

THREADS: Final = 24
CHECKS: Final = 16
OTHERS: Final = 6
CHECK_ATTEMPT_SECONDS: Final = 1.5
OTHERS_SECONDS: Final = 30.0
"""The statement of a firm with tens of thousands of debts takes the registry that long; no clerk waits longer."""
RETRY_AFTER: Final = "1"
CHECK_ROUTES: Final = frozenset({"check", "recheck", CHECK.endpoint})
FREE_ROUTES: Final = OPEN | {"custodians"}
"""They call nobody."""


class Lane:
    """Places for a number of requests at once, each of which has so many seconds for its calls. Thread-safe."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        places: int,
        seconds: float,
        attempt_seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self.gateway = gateway
        self._places = threading.BoundedSemaphore(places)
        self._seconds = seconds
        self._attempt_seconds = attempt_seconds
        self._monotonic = monotonic

    def begin(self) -> Gateway:
        """Return the gateway for one request; its time begins now."""
        return self.gateway.within(
            Deadline.after(self._seconds, self._monotonic, attempt_seconds=self._attempt_seconds)
        )

    def enter(self) -> None:
        """Take a place; raises Refusal where none is free."""
        if not self._places.acquire(blocking=False):
            raise Refusal(Problem.UNAVAILABLE, detail="busy: as many requests as it takes are under way.")

    def leave(self) -> None:
        """Give a place back."""
        self._places.release()


def check_lane(gateway: Gateway, *, seconds: float, monotonic: Callable[[], float]) -> Lane:
    """Make the lane of checks; ``seconds`` are all the time of one."""
    return Lane(gateway, places=CHECKS, seconds=seconds, attempt_seconds=CHECK_ATTEMPT_SECONDS, monotonic=monotonic)


def other_lane(gateway: Gateway, *, monotonic: Callable[[], float]) -> Lane:
    """Make the lane of everything else that calls others."""
    return Lane(gateway, places=OTHERS, seconds=OTHERS_SECONDS, attempt_seconds=OTHERS_SECONDS, monotonic=monotonic)


def add_lanes(app: Flask, *, checks: Lane, others: Lane) -> None:
    """Let a request begin only where its lane has a place; add this behind whatever refuses strangers."""

    @app.before_request
    def enter() -> None:
        # The place is taken before the body is read: a caller that sends slowly holds its own lane alone.
        if request.endpoint is None or request.endpoint in FREE_ROUTES:
            return
        lane = checks if request.endpoint in CHECK_ROUTES else others
        lane.enter()
        g.lane = lane

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        lane: Lane | None = g.pop("lane", None)
        if lane is not None:
            lane.leave()
