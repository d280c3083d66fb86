"""Builds a carrier's clients of registry and log from its settings; randomness, clocks and sockets enter here."""

import datetime as dt
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

import httpx

from auditlog.party import LogParty
from auditlog.settings import LogSettings
from auditlog.witness import Witness
from client.incarnations import SeenBook
from client.peer import SignedPeer, Signer
from client.registry import RegistryClient
from crypto.signing.keys import load_private_key
from gateway.network import Network
from gateway.settings import GatewaySettings

_RECEIPT_SECONDS: Final = 5.0
"""The payer waits for the answer, so ask for a receipt only once; it can be fetched later."""


def log_reader(
    settings: GatewaySettings, log: LogSettings, network: Network, signer: Signer, resources: ExitStack
) -> LogParty:
    """Build a carrier at the log that fetches receipts while somebody waits."""
    peer = SignedPeer(settings.registry_url, network.sender(settings.registry_url, _RECEIPT_SECONDS), signer)
    asked, http = registry_client(settings, peer, signer, attempts=1), network.client(log.url, _RECEIPT_SECONDS)
    return log_party(settings, log, asked, http, clock=signer.clock, resources=resources)


def log_party(
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


def witness_of(log: LogSettings) -> Witness | None:
    """Load the carrier's own witness, if it has one."""
    if log.witness_key is None:
        return None
    return Witness(name=log.witness_name, private_key=load_private_key(log.witness_key))


def registry_client(
    settings: GatewaySettings,
    peer: SignedPeer,
    signer: Signer,
    *,
    attempts: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> RegistryClient:
    """Build the client of the registry; ``attempts`` replaces those of the settings."""
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


def signer_of(settings: GatewaySettings, clock: Callable[[], dt.datetime]) -> Signer:
    """Load the key that signs the carrier's requests."""
    key = load_private_key(settings.signing_key)
    return Signer(key_id=settings.key_id, private_key=key, clock=clock, random=os.urandom)
