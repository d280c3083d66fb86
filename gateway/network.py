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
            connections = Connections(url, seconds=seconds, tls=self._tls, monotonic=time.monotonic)
        except AddressUnusable:
            raise SettingsError(f"{url}: is not the address of a server, such as https://registry.example") from None
        self._resources.callback(connections.close)
        return connections

    def client(self, url: str, seconds: float) -> httpx.Client:
        """Open a client for unsigned requests, such as for the log's files."""
        return self._resources.enter_context(
            httpx.Client(
                transport=self._transports.get(url),
                verify=self._tls,
                timeout=httpx.Timeout(seconds, connect=CONNECT_SECONDS),
                limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_SECONDS),
                trust_env=False,  # ignore proxy and certificate settings of the environment
            )
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """One for all peers: reading the certificate authorities takes some 30 ms of CPU each time."""
        context = httpx.create_ssl_context(trust_env=False)
        context.set_alpn_protocols(_ALPN)
        return context
