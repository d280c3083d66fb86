"""Tell monitors whether the local service lives, and whether it can serve a check now, without asking anybody for it.

Threads look at registry and custodians, one each, and only when no check has done so lately: a look that hangs is the
only one of its kind, and no monitor waits for it. A look is also the trial that closes an open circuit.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
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
from gateway.identity.custodians import CustodianClient, CustodianPool
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
    """Tell the state of registry and custodians; ready, where they answer and the custodians' key is the pinned one."""
    # First the key: a committee that was taken over is the one to tell of.
    is_stopped, registry = checks.pool.is_stopped(), _state(checks.registry.peer)
    custodians = {each.index: _state(each.peer) for each in checks.pool.members}
    usable = sum(state is not PeerState.UNREACHABLE for state in custodians.values())
    return {
        "ready": registry is not PeerState.UNREACHABLE and usable >= checks.pool.threshold and not is_stopped,
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
    _look_from_now(checks.registry.peer, _registry_look(checks, monotonic), over)

    def watch_pool(pool: CustodianPool) -> None:
        for peer, look in _custodian_looks(pool.members, monotonic):
            _look_from_now(peer, look, pool.is_left)

    checks.pool.each_pool(watch_pool)


def looks(checks: Gateway, monotonic: Callable[[], float]) -> Iterator[tuple[SignedPeer, Callable[[], None]]]:
    """Yield each peer with a call to it that changes nothing and costs no quota; its lifeline hears how that ended."""
    yield checks.registry.peer, _registry_look(checks, monotonic)
    yield from _custodian_looks(checks.pool.members, monotonic)


def _registry_look(checks: Gateway, monotonic: Callable[[], float]) -> Callable[[], None]:
    def ask() -> None:
        with suppress(ClientError):
            checks.registry.trying().within(Deadline.after(LOOK_SECONDS, monotonic)).ask_incarnation()

    return ask


def _custodian_looks(
    members: Iterable[CustodianClient], monotonic: Callable[[], float]
) -> Iterator[tuple[SignedPeer, Callable[[], None]]]:
    def ask(peer: SignedPeer) -> None:
        custodian.read_key(peer.trying(), Deadline.after(LOOK_SECONDS, monotonic))

    for member in members:
        yield member.peer, partial(ask, member.peer)


def _look_from_now(peer: SignedPeer, look: Callable[[], None], over: threading.Event) -> None:
    if peer.lifeline is not None:
        threading.Thread(target=_keep_looking, args=(peer.lifeline, look, over), daemon=True).start()


def _keep_looking(lifeline: Lifeline, look: Callable[[], None], over: threading.Event) -> None:
    while not over.is_set():
        silent = lifeline.silent_seconds()
        rest = _LATER_SECONDS if lifeline.state is PeerState.OK else _SOON_SECONDS
        if silent is None or silent >= rest:
            look()
            over.wait(_SOON_SECONDS)
        else:
            over.wait(rest - silent)
