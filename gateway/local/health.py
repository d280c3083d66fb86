"""Tell monitors whether the local service lives, and whether it can serve a check now, without asking anybody for it.

Threads look at registry and custodians, one each, and only when no check has done so lately: a look that hangs is the
only one of its kind, and no monitor waits for it. A look is also the trial that closes an open circuit.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from flask import Flask, Response

from client import custodian
from client.deadline import Deadline
from client.errors import ClientError
from client.lifeline import Lifeline, PeerState
from client.peer import SignedPeer
from gateway.gateway import Gateway
from gateway.local.bodies import answer_json
from serving.web import add_healthz

LOOK_SECONDS: Final = 1.5
"""The longest that a look may take."""
_SOON_SECONDS: Final = 1.0
_LATER_SECONDS: Final = 2.0
"""So old may the last word of a peer be that was well; of one that was not, it is asked for again soon."""
_STALE_SECONDS: Final = 15.0
"""An older word says nothing of now: whoever should have looked has died."""
_UNAVAILABLE: Final = 503


def add_health_routes(app: Flask, *, checks: Gateway, others: Gateway) -> None:
    """Add ``GET /healthz``, ``/readyz`` and ``/custodians``."""

    @app.get("/custodians")
    def custodians() -> Response:
        faults = others.custodian_faults() | checks.custodian_faults()
        return answer_json({"custodian_faults": sorted(faults)})

    @app.get("/readyz")
    def readyz() -> Response:
        found = readiness(checks)
        alarms = sorted({*checks.alarms(), *others.alarms()})
        return answer_json(found | {"alarms": alarms}, 200 if found["ready"] else _UNAVAILABLE)

    add_healthz(app)


def readiness(checks: Gateway) -> dict[str, Any]:
    """Tell the state of registry and custodians; ready, where the registry and enough custodians answer."""
    registry = _state(checks.registry.peer)
    custodians = {each.index: _state(each.peer) for each in checks.pool.members}
    usable = sum(state is not PeerState.UNREACHABLE for state in custodians.values())
    return {
        "ready": registry is not PeerState.UNREACHABLE and usable >= checks.pool.threshold,
        "registry": registry.value,
        "custodians": [{"index": index, "state": state.value} for index, state in sorted(custodians.items())],
    }


def _state(peer: SignedPeer) -> PeerState:
    lifeline = peer.lifeline
    silent = None if lifeline is None else lifeline.silent_seconds()
    if lifeline is None or silent is None or silent > _STALE_SECONDS:
        return PeerState.UNREACHABLE
    return lifeline.state


def watch(checks: Gateway, monotonic: Callable[[], float]) -> None:
    """Look at registry and custodians from now on, until the gateway is closed."""
    over = threading.Event()
    checks.resources.callback(over.set)
    for peer, look in looks(checks, monotonic):
        if peer.lifeline is not None:
            threading.Thread(target=_keep_looking, args=(peer.lifeline, look, over), daemon=True).start()


def looks(checks: Gateway, monotonic: Callable[[], float]) -> Iterator[tuple[SignedPeer, Callable[[], None]]]:
    """Yield each peer with a call to it that changes nothing and costs no quota; its lifeline hears how that ended."""

    def deadline() -> Deadline:
        return Deadline.after(LOOK_SECONDS, monotonic)

    def ask_registry() -> None:
        with suppress(ClientError):
            checks.registry.trying().within(deadline()).ask_incarnation()

    def ask_custodian(peer: SignedPeer) -> None:
        custodian.read_key(peer.trying(), deadline())

    yield checks.registry.peer, ask_registry
    for member in checks.pool.members:
        yield member.peer, partial(ask_custodian, member.peer)


def _keep_looking(lifeline: Lifeline, look: Callable[[], None], over: threading.Event) -> None:
    while not over.is_set():
        silent = lifeline.silent_seconds()
        rest = _LATER_SECONDS if lifeline.state is PeerState.OK else _SOON_SECONDS
        if silent is None or silent >= rest:
            look()
            over.wait(_SOON_SECONDS)
        else:
            over.wait(rest - silent)
