"""Calls to URLs that others named: no redirect is followed, no private address is called unless that is allowed."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from registry.domain.webhook import UrlRefused, check_url, is_public

_TIMEOUT_SECONDS: Final = 10.0
_PORTS: Final = {"https": 443, "http": 80}

Resolve = Callable[[str, int], list[str]]


class NotCalled(Exception):
    """No answer was had; ``code`` is a stable word for why, the URL is not repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code: Final = code


def resolve(host: str, port: int) -> list[str]:
    """The addresses that a name stands for now; empty when it stands for none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(each[4][0]) for each in found]


def make_http() -> httpx.Client:
    """A client that follows nothing and takes no proxy or certificate from the environment."""
    return httpx.Client(follow_redirects=False, trust_env=False, timeout=_TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Posts to a URL that a participant has named."""

    http: httpx.Client
    private_allowed: bool
    resolve: Resolve = resolve

    @contextmanager
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Post once; the answer's body is not read yet. Raises NotCalled, also while it is read."""
        try:
            check_url(url, private_allowed=self.private_allowed)
        except UrlRefused as refused:
            raise NotCalled(refused.code) from None
        parts = urlsplit(url)
        host = parts.hostname or ""
        addresses = self.resolve(host, parts.port or _PORTS[parts.scheme])
        if not addresses:
            raise NotCalled("unknown-host")
        if not self.private_allowed and not all(is_public(each) for each in addresses):
            raise NotCalled("private-address")
        # The address that was looked at is the one that is called: a name could stand for another a moment later.
        address = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        port = "" if parts.port is None else f":{parts.port}"
        target = parts._replace(netloc=address + port).geturl()
        sent = {**headers, "Host": parts.netloc, "Accept-Encoding": "identity"}
        try:
            with self.http.stream(
                "POST", target, content=body, headers=sent, extensions={"sni_hostname": host}
            ) as response:
                yield response
        except httpx.TimeoutException:
            raise NotCalled("timeout") from None
        except httpx.HTTPError:
            raise NotCalled("connection") from None
