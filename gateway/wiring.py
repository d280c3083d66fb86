"""The gateway's only composition root builds a Gateway from settings; clock, randomness and sockets enter here."""

import datetime as dt
import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx

from auditlog.party import LogParty
from auditlog.receipt_book import ReceiptBook
from auditlog.settings import LogSettings
from auditlog.witness import Witness
from client.circuit import CircuitRules
from client.incarnations import SeenBook
from client.lifeline import Lifeline
from client.peer import SignedPeer, Signer
from client.registry import RegistryClient
from crypto.errors import CryptoRefusal, KeyFileBad
from crypto.oprf.threshold import verify_share_public_keys
from crypto.references import References
from crypto.signing.keys import load_private_key
from gateway import key_switch
from gateway.bulk.check import Checker
from gateway.counter.activations import Activator
from gateway.counter.collected import Till
from gateway.counter.settlements import Settler
from gateway.gateway import Gateway
from gateway.identity.accounts import Accounts
from gateway.identity.custodians import CustodianClient, CustodianPool
from gateway.identity.tokeniser import Tokeniser
from gateway.network import Network
from gateway.orders.book import OrderBook
from gateway.settings import GatewaySettings
from gateway.target import Target
from gateway.tools import Tools
from protocol.beijing import beijing_date
from protocol.encodings import EncodingError, b64url_decode
from serving.clock import system_clock
from serving.files import read_private
from serving.settings import SettingsError

_ACCOUNT_KEY_BYTES: Final = 32
_RECEIPT_SECONDS: Final = 5.0
"""The payer waits for the answer, so ask for a receipt only once; it can be fetched later."""


def build(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
    sleep: Callable[[float], None] = time.sleep,
    circuit: CircuitRules | None = None,
) -> Gateway:
    """Build a gateway; ``transports`` (by base URL) replaces the network, for instance by ``httpx.WSGITransport``.

    It passes ``sleep`` the seconds to wait before it repeats a call to the registry. ``circuit`` says when a silent
    peer is called no more; without it every call is tried.
    """
    _check_pins(settings)
    resources, limits = ExitStack(), settings.limits
    signer = _signer(settings, clock)
    account_key = load_account_key(settings.account_key)
    accounts, network = Accounts(account_key, settings.accounts), Network(transports, resources)

    def peer(url: str, seconds: float) -> SignedPeer:
        return SignedPeer(url, network.sender(url, seconds), signer, Lifeline(time.monotonic, circuit))

    pool = _pool(settings, peer, resources)
    registry = _registry(settings, peer(settings.registry_url, limits.registry_timeout_seconds), signer, sleep=sleep)
    receipts = None
    if settings.log is not None:
        receipts = ReceiptBook(_reader(settings, settings.log, network, signer, resources))
    orders = OrderBook(settings.orders)
    resources.callback(orders.close)
    tools = Tools(
        target=_target(settings, accounts),
        account_key=account_key,
        accounts=accounts,
        references=References(account_key),
        tokeniser=Tokeniser(pool, epoch=settings.epoch, threshold=settings.threshold, random=os.urandom),
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
        receipts=receipts,
        today=lambda: beijing_date(clock()),
        resources=resources,
    )


def build_for_checks(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> Gateway:
    """Build the gateway of the local service's checks, with connections, threads and circuits of its own."""
    return build(settings.for_checks(), transports=transports, clock=clock, circuit=CircuitRules())


def _pool(settings: GatewaySettings, peer: Callable[[str, float], SignedPeer], resources: ExitStack) -> CustodianPool:
    limits = settings.limits
    pool = CustodianPool(
        [CustodianClient(each, peer(each.url, limits.custodian_timeout_seconds)) for each in settings.custodians],
        epoch=settings.epoch,
        committee=settings.committee,
        threshold=settings.threshold,
        hedge_seconds=limits.hedge_seconds,
        monotonic=time.monotonic,
        parallel_batches=limits.parallel_chunks + 1,
    )
    resources.callback(pool.close)
    return pool


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
    signer, seconds = _signer(tried, system_clock), settings.limits.custodian_timeout_seconds
    with ExitStack() as resources:
        sender = Network(transports, resources).sender(settings.registry_url, seconds)
        registry = _registry(settings, SignedPeer(settings.registry_url, sender, signer), signer, attempts=1)
        key_switch.try_at_registry(registry, settings.carrier)
    trials = try_custodians(tried, transports=transports)
    key_switch.check_ready(trials, settings.threshold)
    return [f"custodian {each.index}" for each in trials if each.is_silent]


def try_custodians(
    settings: GatewaySettings,
    *,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    clock: Callable[[], dt.datetime] = system_clock,
) -> list[key_switch.Trial]:
    """Ask each custodian about the signing key of the settings, and compare its share with the pinned one."""
    signer, seconds = _signer(settings, clock), settings.limits.custodian_timeout_seconds
    with ExitStack() as resources:
        network = Network(transports, resources)
        return [
            key_switch.try_at_custodian(
                each,
                SignedPeer(each.url, network.sender(each.url, seconds), signer),
                committee=(settings.epoch, settings.committee),
            )
            for each in settings.custodians
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
    resources, signer = ExitStack(), _signer(settings, clock)
    network, seconds = Network(transports, resources), settings.limits.registry_timeout_seconds
    peer = SignedPeer(settings.registry_url, network.sender(settings.registry_url, seconds), signer)
    http = network.client(settings.log.url, seconds)
    party = _party(settings, settings.log, _registry(settings, peer, signer), http, clock=clock, resources=resources)
    return replace(party, witness=_witness(settings.log))


def _reader(
    settings: GatewaySettings, log: LogSettings, network: Network, signer: Signer, resources: ExitStack
) -> LogParty:
    """Build a carrier at the log that fetches receipts while somebody waits."""
    peer = SignedPeer(settings.registry_url, network.sender(settings.registry_url, _RECEIPT_SECONDS), signer)
    asked, http = _registry(settings, peer, signer, attempts=1), network.client(log.url, _RECEIPT_SECONDS)
    return _party(settings, log, asked, http, clock=signer.clock, resources=resources)


def _party(
    settings: GatewaySettings,
    log: LogSettings,
    registry: RegistryClient,
    http: httpx.Client,
    *,
    clock: Callable[[], dt.datetime],
    resources: ExitStack,
) -> LogParty:
    """Build a carrier at the log without its witness: only the witnessing process reads that key."""
    return LogParty(
        settings=log,
        registry=registry,
        registry_key_id=settings.registry_key_id,
        registry_public_key=settings.registry_public_key,
        http=http,
        witness=None,
        clock=clock,
        monotonic=time.monotonic,
        sleep=time.sleep,
        resources=resources,
    )


def _witness(log: LogSettings) -> Witness | None:
    if log.witness_key is None:
        return None
    return Witness(name=log.witness_name, private_key=load_private_key(log.witness_key))


def _registry(
    settings: GatewaySettings,
    peer: SignedPeer,
    signer: Signer,
    *,
    attempts: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> RegistryClient:
    return RegistryClient(
        peer,
        signer,
        key_id=settings.registry_key_id,
        public_key=settings.registry_public_key,
        attempts=attempts or settings.limits.attempts,
        monotonic=time.monotonic,
        sleep=sleep,
        seen=None if settings.seen is None else SeenBook(settings.seen, settings.registry_public_key, signer.clock),
    )


def _signer(settings: GatewaySettings, clock: Callable[[], dt.datetime]) -> Signer:
    key = load_private_key(settings.signing_key)
    return Signer(key_id=settings.key_id, private_key=key, clock=clock, random=os.urandom)


def load_account_key(path: Path) -> bytes:
    """Load the key that hides account numbers: 32 bytes in base64url, readable by its owner alone."""
    try:
        return b64url_decode(read_private(path, 128).decode("ascii").strip(), length=_ACCOUNT_KEY_BYTES)
    except OSError as trouble:
        raise KeyFileBad(f"{path}: cannot read the key file: {trouble.strerror}") from None
    except (EncodingError, UnicodeDecodeError):
        raise KeyFileBad(f"{path}: is not 32 bytes in base64url") from None


def _check_pins(settings: GatewaySettings) -> None:
    pins = {each.index: each.public_key for each in settings.custodians}
    try:
        verify_share_public_keys(settings.joint_public_key, pins, settings.threshold)
    except CryptoRefusal as refused:
        raise SettingsError(f"[custodians]: {refused}") from None


def _target(settings: GatewaySettings, accounts: Accounts) -> Target:
    """Name the target of reports and their keys, since a resumed run must have the same ones."""
    return Target(
        carrier=settings.carrier,
        epoch=settings.epoch,
        registry_key=settings.registry_public_key,
        joint_key=settings.joint_public_key,
        accounts=accounts.stamp(),
    )
