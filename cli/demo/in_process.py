"""Runs registry, custodians and gateways in this process, joined by WSGI calls, on a clock that the caller moves."""

import datetime as dt
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import httpx

from api.app import create_app as create_registry_app
from cli.demo.ceremony import Parties, make_parties
from cli.demo.counters import Counters
from cli.demo.launch import admit_over, pin_of
from cli.demo.plan import EXAMPLES, Plan, Sample, loopback_addresses
from cli.registry.founding import read_founding
from cli.registry_calls import Office
from client.peer import Signer
from crypto.signing.keys import load_private_key
from custodian import wiring as custodians
from custodian.ledger import Ledger
from gateway import settings as gateway_settings
from gateway.gateway import Gateway
from gateway.local.app import create_app as create_local_app
from gateway.local.tokens import TokenBook
from gateway.wiring import build, build_for_checks
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.settings import load as load_registry
from registry.store.migrate import upgrade
from registry.usecases.clock.guard import ClockGuard, ClockSources
from registry.usecases.context import Registry
from registry.usecases.found import found
from registry.wiring import build_registry
from registry.work.worker import tick
from serving.files import make_folder

_BOOT: Final = "in-process"
_ROUND_DAYS: Final = 7
"""A round on each of four hundred days would take most of the story's time."""


class MovedClock:
    """The time of every part; only ``forward`` moves it."""

    def __init__(self, start: dt.datetime) -> None:
        self._now = start

    def __call__(self) -> dt.datetime:
        """Return the time."""
        return self._now

    def forward(self, days: int) -> None:
        """Move on by whole days."""
        self._now += dt.timedelta(days=days)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A founded registry whose participants are admitted, and the carriers' gateways and counters."""

    plan: Plan
    clock: MovedClock
    gateways: Mapping[str, Gateway]
    counters: Counters
    registry: Registry = field(repr=False)
    parties: Parties
    transport: httpx.BaseTransport = field(repr=False)
    """The way to the registry."""

    def office(self, name: str) -> Office:
        """Return the operator or a supervising office, which calls under its own key."""
        key = self.parties.operator_key if name == "operator" else self.parties.offices[name]
        signer = Signer(key_id=f"{name}-1", private_key=load_private_key(key), clock=self.clock, random=os.urandom)
        return Office(registry=pin_of(self.parties), signer=signer, transport=self.transport)

    def pass_days(self, days: int) -> None:
        """Let days pass, with a round of the scheduler in each week and on the last day."""
        for begun in range(0, days, _ROUND_DAYS):
            self.clock.forward(min(_ROUND_DAYS, days - begun))
            tick(self.registry)


@contextmanager
def in_process(var: Path, clock: MovedClock) -> Iterator[System]:
    """Make keys and settings in ``var``, and build, found and join the system; it is closed at the end of the block.

    The addresses name the parts and nothing else: nobody listens there. The log is kept, but no carrier waits for a
    receipt of it.
    """
    addresses = loopback_addresses(relayed=False)
    sample = Sample(folder=var, mappings=EXAMPLES / "mappings")
    plan = Plan(var=var, out=var / "out", sample=sample, addresses=addresses, capture=None)
    parties = make_parties(var, addresses)
    make_folder(plan.work)
    with ExitStack() as stack:
        registry = _registry(parties, clock)
        stack.callback(registry.store.close)
        transport = httpx.WSGITransport(create_registry_app(registry))
        peers: dict[str, httpx.BaseTransport] = {addresses.registry.public_url: transport}
        for index, path in parties.custodians.items():
            ledger = Ledger(path.with_name("ledger.db"))
            stack.callback(ledger.close)
            app = custodians.build(path, ledger=ledger, clock=clock)
            peers[addresses.custodians[index].public_url] = httpx.WSGITransport(app)
        gateways, counters = {}, {}
        for carrier, path in parties.carriers.items():
            gateways[carrier], counter = _carrier(path, peers, clock, stack)
            counters[addresses.gateways[carrier].local_url] = counter
        system = System(
            plan=plan,
            clock=clock,
            gateways=gateways,
            counters=stack.enter_context(Counters(plan, counters)),
            registry=registry,
            parties=parties,
            transport=transport,
        )
        with system.office("operator").open() as operator:
            admit_over(operator, parties)
        yield system


def _registry(parties: Parties, clock: MovedClock) -> Registry:
    """Build and found the registry; all readings of its clock go together, as on a machine that was never off."""
    settings = load_registry(parties.registry, {})
    upgrade(settings.database_url)
    sources = ClockSources(steady=lambda: clock().timestamp(), boot=_BOOT, database=lambda _: clock())
    registry = replace(build_registry(settings), clock=clock, guard=ClockGuard(sources, DEFAULT_CLOCK_TERMS))
    founding = read_founding(parties.founding)
    found(registry, founding.operator, founding.epoch)
    return registry


def _carrier(
    path: Path, peers: Mapping[str, httpx.BaseTransport], clock: MovedClock, stack: ExitStack
) -> tuple[Gateway, httpx.BaseTransport]:
    """Build a carrier's gateway, and the way to its local service."""
    settings = replace(gateway_settings.load(path, {}), log=None)
    gateway = stack.enter_context(build(settings, transports=peers, clock=clock))
    checks = stack.enter_context(build_for_checks(settings, transports=peers, clock=clock))
    app = create_local_app(
        gateway,
        checks=checks,
        check_seconds=settings.check.deadline_seconds,
        tokens=TokenBook(settings.tokens),
        monotonic=time.monotonic,
    )
    return gateway, httpx.WSGITransport(app)
