"""Opens the gateway's ways to its peers: kept connections, or in their place what a test or an embedding hands in."""

import ssl
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from typing import Final

import httpx

from client.connections import CONNECT_SECONDS, KEEP_SECONDS, AddressUnusable, Connections
from client.sending import HttpxSender, Sender
from client.trust import trusted_for
from serving.settings import SettingsError

_ALPN: Final = ["http/1.1"]


class Network:
    """Opens connections that ``resources`` closes; ``transports`` (by base URL) replaces the network."""

    def __init__(self, transports: Mapping[str, httpx.BaseTransport] | None, resources: ExitStack) -> None:
        self._transports = transports or {}
        self._resources = resources

    def sender(self, url: str, seconds: float) -> Sender:
        """Open a way for signed requests; ``seconds`` bound each wait for an answer's bytes. Raises SettingsError."""
        if url in self._transports:
            return HttpxSender(self.client(url, seconds))
        try:
            connections = Connections(url, seconds=seconds, tls=self._tls(url), monotonic=time.monotonic)
        except AddressUnusable:
            raise SettingsError(f"{url}: is not the address of a server, such as https://registry.example") from None
        self._resources.callback(connections.close)
        return connections

    def client(self, url: str, seconds: float) -> httpx.Client:
        """Open a client for unsigned requests, such as for the log's files."""
        transport = self._transports.get(url) or httpx.HTTPTransport(
            verify=self._tls(url),
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_SECONDS),
            trust_env=False,  # ignore proxy and certificate settings of the environment
        )
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        return self._resources.enter_context(httpx.Client(transport=transport, timeout=timeout, trust_env=False))

    def _tls(self, url: str) -> ssl.SSLContext:
        """One for all peers under TLS, since the certificate authorities are read for each."""
        return self._authorities if url.lower().startswith("https://") else trusted_for(url)

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        context = trusted_for("https://")
        context.set_alpn_protocols(_ALPN)
        return context
