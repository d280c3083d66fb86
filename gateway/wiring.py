"""The gateway's only composition root builds a Gateway from settings; clock, randomness and sockets enter here."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from auditlog.party import LogParty
from auditlog.receipt_book import ReceiptBook
from client.circuit import CircuitRules
from client.lifeline import Lifeline
from client.peer import SignedPeer, Signer
from crypto.errors import KeyFileBad
from crypto.references import References
from gateway import key_switch
from gateway.bulk.check import Checker
from gateway.clients import log_party, log_reader, registry_client, signer_of, witness_of
from gateway.counter.activations import Activator
from gateway.counter.collected import Till
from gateway.counter.settlements import Settler
from gateway.gateway import Gateway
from gateway.identity.accounts import Accounts
from gateway.identity.custodians import CustodianClient, CustodianPool
from gateway.identity.tokeniser import Tokeniser
from gateway.network import Network
from gateway.orders.book import OrderBook
from gateway.pins.book import PinBook
from gateway.pins.check import PinCheck
from gateway.pins.codes import KeyChanged
from gateway.pins.pool import PinnedPool
from gateway.pins.renewal import PinKeeper, Renewal
from gateway.pins.values import Pins, named_in
from gateway.settings import GatewaySettings, Limits
from gateway.target import Target
from gateway.tools import Tools
from protocol.beijing import beijing_date
from protocol.encodings import EncodingError, b64url_decode
from serving.clock import system_clock
from serving.files import read_private
from serving.settings import SettingsError

_ACCOUNT_KEY_BYTES: Final = 32


def build(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
    sleep: Callable[[float], None] = time.sleep,
    circuit: CircuitRules | None = None,
    keeper: PinKeeper | None = None,
) -> Gateway:
    """Build a gateway; ``transports`` (by base URL) replaces the network, for instance by ``httpx.WSGITransport``.

    It passes ``sleep`` the seconds to wait before it repeats a call to the registry. ``circuit`` says when a silent
    peer is called no more; without it every call is tried. Gateways of one process share a ``keeper`` of their pins.
    """
    keeper = keeper or pin_keeper(settings, transports=transports, clock=clock)
    pins = _usable(keeper.book)
    resources, limits, signer = ExitStack(), settings.limits, signer_of(settings, clock)
    account_key = load_account_key(settings.account_key)
    accounts, network = Accounts(account_key, settings.accounts), Network(transports, resources)

    def peer(url: str, seconds: float) -> SignedPeer:
        return SignedPeer(url, network.sender(url, seconds), signer, Lifeline(time.monotonic, circuit))

    pool = PinnedPool(keeper, lambda present: _pool(limits, present, peer))
    resources.callback(pool.close)
    registry = registry_client(
        settings, peer(settings.registry_url, limits.registry_timeout_seconds), signer, sleep=sleep
    )
    orders = OrderBook(settings.orders)
    resources.callback(orders.close)
    tools = Tools(
        target=_target(settings, pins, accounts),
        account_key=account_key,
        accounts=accounts,
        references=References(account_key),
        tokeniser=Tokeniser(pool, random=os.urandom),
        registry=registry,
        orders=orders,
        context=settings.context,
        clock=clock,
        random=os.urandom,
        monotonic=time.monotonic,
        chunk_rows=limits.chunk_rows,
        parallel_chunks=limits.parallel_chunks,
    )
    return Gateway(
        carrier=settings.carrier,
        registry_key_id=settings.registry_key_id,
        registry_public_key=settings.registry_public_key,
        pool=pool,
        tools=tools,
        checker=Checker(tools),
        activator=Activator(tools),
        settler=Settler(tools, signer, carrier=settings.carrier),
        till=Till(registry, signer, carrier=settings.carrier),
        receipts=_receipts(settings, network, signer, resources),
        today=lambda: beijing_date(clock()),
        resources=resources,
    )


def _receipts(settings: GatewaySettings, network: Network, signer: Signer, resources: ExitStack) -> ReceiptBook | None:
    if settings.log is None:
        return None
    return ReceiptBook(log_reader(settings, settings.log, network, signer, resources))


def build_for_checks(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
    keeper: PinKeeper | None = None,
) -> Gateway:
    """Build the gateway of the local service's checks, with connections, threads and circuits of its own."""
    keeper = keeper or pin_keeper(settings, transports=transports, clock=clock)
    return build(settings.for_checks(), transports=transports, clock=clock, circuit=CircuitRules(), keeper=keeper)


def pin_keeper(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> PinKeeper:
    """Open the pins of the settings, for all gateways of a process; each check of them has connections of its own."""
    book = PinBook(named_in(settings), settings.pins)

    def check() -> bool:
        with pin_check(settings, book, transports=transports, clock=clock) as made:
            return made.is_due_soon()

    return PinKeeper(book=book, renewal=Renewal(check, time.monotonic))


@contextmanager
def pin_check(
    settings: GatewaySettings,
    book: PinBook,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> Iterator[PinCheck]:
    """Build the check of the pins at registry, log and custodians; its connections end with the block."""
    signer, limits = signer_of(settings, clock), settings.limits
    with ExitStack() as resources:
        network = Network(transports, resources)

        def peer(url: str, seconds: float) -> SignedPeer:
            return SignedPeer(url, network.sender(url, seconds), signer)

        registry = registry_client(
            settings, peer(settings.registry_url, limits.registry_timeout_seconds), signer, attempts=2
        )
        yield PinCheck(
            book=book,
            registry=registry,
            party=None if settings.log is None else log_reader(settings, settings.log, network, signer, resources),
            make_pool=lambda pins: _pool(limits, pins, peer),
            clock=clock,
            random=os.urandom,
        )


def _pool(limits: Limits, pins: Pins, peer: Callable[[str, float], SignedPeer]) -> CustodianPool:
    return CustodianPool(
        [CustodianClient(each, peer(each.url, limits.custodian_timeout_seconds)) for each in pins.members],
        epoch=pins.epoch,
        committee=pins.committee,
        threshold=pins.threshold,
        hedge_seconds=limits.hedge_seconds,
        monotonic=time.monotonic,
        parallel_batches=limits.parallel_chunks + 1,
    )


def try_key(
    settings: GatewaySettings,
    *,
    key_id: str,
    signing_key: Path,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
) -> list[str]:
    """Try a signing key at the registry and at each custodian; returns the custodians that did not answer.

    Raises KeyNotReady, and the errors of the registry's refusal or silence.
    """
    tried = replace(settings, key_id=key_id, signing_key=signing_key)
    signer, seconds = signer_of(tried, system_clock), settings.limits.custodian_timeout_seconds
    with ExitStack() as resources:
        sender = Network(transports, resources).sender(settings.registry_url, seconds)
        registry = registry_client(settings, SignedPeer(settings.registry_url, sender, signer), signer, attempts=1)
        key_switch.try_at_registry(registry, settings.carrier)
    trials = try_custodians(tried, transports=transports)
    key_switch.check_ready(trials, _pinned(settings).threshold)
    return [f"custodian {each.index}" for each in trials if each.is_silent]


def try_custodians(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> list[key_switch.Trial]:
    """Ask each custodian about the signing key of the settings, and compare its share with the pinned one."""
    signer, seconds = signer_of(settings, clock), settings.limits.custodian_timeout_seconds
    pins = _pinned(settings)
    with ExitStack() as resources:
        network = Network(transports, resources)
        return [
            key_switch.try_at_custodian(
                each,
                SignedPeer(each.url, network.sender(each.url, seconds), signer),
                committee=pins.number,
            )
            for each in pins.members
        ]


def build_log(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> LogParty:
    """Build a carrier's side of the log; ``transports`` (by base URL) replaces the network, as in ``build``."""
    if settings.log is None:
        raise SettingsError("the settings have no [log]: pin the log's key there first")
    resources, signer = ExitStack(), signer_of(settings, clock)
    network, seconds = Network(transports, resources), settings.limits.registry_timeout_seconds
    peer = SignedPeer(settings.registry_url, network.sender(settings.registry_url, seconds), signer)
    http = network.client(settings.log.url, seconds)
    party = log_party(
        settings, settings.log, registry_client(settings, peer, signer), http, clock=clock, resources=resources
    )
    return replace(party, witness=witness_of(settings.log))


def load_account_key(path: Path) -> bytes:
    """Load the key that hides account numbers: 32 bytes in base64url, readable by its owner alone."""
    try:
        return b64url_decode(read_private(path, 128).decode("ascii").strip(), length=_ACCOUNT_KEY_BYTES)
    except OSError as trouble:
        raise KeyFileBad(f"{path}: cannot read the key file: {trouble.strerror}") from None
    except (EncodingError, UnicodeDecodeError):
        raise KeyFileBad(f"{path}: is not 32 bytes in base64url") from None


def _pinned(settings: GatewaySettings) -> Pins:
    return _usable(PinBook(named_in(settings), settings.pins))


def _usable(book: PinBook) -> Pins:
    try:
        return book.pins()
    except KeyChanged as changed:
        raise SettingsError(f"[custodians]: {changed}") from None


def _target(settings: GatewaySettings, pins: Pins, accounts: Accounts) -> Target:
    """Name the target of reports and their keys, since a resumed run must have the same ones."""
    return Target(
        carrier=settings.carrier,
        epoch=pins.epoch,
        registry_key=settings.registry_public_key,
        joint_key=pins.joint_public_key,
        accounts=accounts.stamp(),
    )
