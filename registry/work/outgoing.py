"""Calls to URLs that others named: no redirect is followed, no private address is called unless that is allowed."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final, Self
from urllib.parse import SplitResult, urlsplit

import httpx

from registry.domain.addresses import UrlRefused, check_url, is_public

_TIMEOUT_SECONDS: Final = 10.0
"""For each step by itself: connecting, sending a piece, waiting for one."""
_WHOLE_SECONDS: Final = 20.0
_AT_ONCE: Final = 100
_LOOKUPS_AT_ONCE: Final = 64
"""Names that are being looked up. One whose servers are silent goes on for as long as the system's resolver likes."""
_CONNECTED: Final = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
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
    except (OSError, UnicodeError):
        # A label that is empty or too long is no name at all, which Python says in a way of its own.
        return []
    return [str(each[4][0]) for each in found]


def make_http() -> httpx.Client:
    """A client that follows nothing, takes no proxy or certificate from the environment, and keeps no connection.

    Connections would be kept by address: one that was made to a name that its caller owns would carry what is meant
    for another name at that address, whose certificate nobody has looked at.
    """
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=0)
    return httpx.Client(follow_redirects=False, trust_env=False, timeout=_TIMEOUT_SECONDS, limits=limits)


class _Deadline:
    """Hangs up on a call that takes too long as a whole: of an answer that drips, every octet comes in time."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._hang_up)
        self._timer.daemon = True
        self._stream: Any = None
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Note the connection; httpx calls this at each step."""
        if event in _CONNECTED:
            self._stream = info["return_value"]
            if self.is_over:
                self._hang_up()

    def _hang_up(self) -> None:
        self.is_over = True
        if self._stream is not None:
            with suppress(OSError):  # the other side has hung up already
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Posts to a URL that a participant has named."""

    http: httpx.Client
    private_allowed: bool
    resolve: Resolve = resolve
    whole_seconds: float = _WHOLE_SECONDS
    """For everything: looking the name up, connecting, sending, and the answer to its end."""
    monotonic: Callable[[], float] = time.monotonic
    lookups: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_LOOKUPS_AT_ONCE), repr=False
    )

    @contextmanager
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Post once; the answer's body is not read yet. Raises NotCalled, also while it is read."""
        end = self.monotonic() + self.whole_seconds
        try:
            check_url(url, private_allowed=self.private_allowed)
        except UrlRefused as refused:
            raise NotCalled(refused.code) from None
        parts = urlsplit(url)
        address = self._address(parts)
        port = "" if parts.port is None else f":{parts.port}"
        target = parts._replace(netloc=(f"[{address}]" if ":" in address else address) + port).geturl()
        sent = {**headers, "Host": parts.netloc, "Accept-Encoding": "identity"}
        left = end - self.monotonic()
        if left <= 0:
            raise NotCalled("timeout")
        with _Deadline(left) as deadline:
            extensions = {"sni_hostname": parts.hostname, "trace": deadline.watch}
            # Nothing is connected yet that the deadline could hang up, so connecting has to end by itself.
            timeout = min(_TIMEOUT_SECONDS, left)
            try:
                with self.http.stream(
                    "POST", target, content=body, headers=sent, extensions=extensions, timeout=timeout
                ) as response:
                    yield response
            except httpx.TimeoutException:
                raise NotCalled("timeout") from None
            except httpx.HTTPError:
                raise NotCalled("timeout" if deadline.is_over else "connection") from None
            if deadline.is_over:
                # What has no length ends where we hung up.
                raise NotCalled("timeout")

    def _address(self, parts: SplitResult) -> str:
        """The address that is called: looked at now, so that the name may stand for another a moment later."""
        addresses = self._looked_up(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        if not addresses:
            raise NotCalled("unknown-host")
        if not self.private_allowed and not all(is_public(each) for each in addresses):
            raise NotCalled("private-address")
        return addresses[0]

    def _looked_up(self, host: str, port: int) -> list[str]:
        """What the name stands for; raises NotCalled when nobody says so in time."""
        found: SimpleQueue[list[str]] = SimpleQueue()

        def look_up() -> None:
            try:
                found.put(self.resolve(host, port))
            finally:
                self.lookups.release()

        end = self.monotonic() + self.whole_seconds
        if not self.lookups.acquire(timeout=self.whole_seconds):
            raise NotCalled("timeout")
        threading.Thread(target=look_up, daemon=True).start()
        try:
            return found.get(timeout=max(0.0, end - self.monotonic()))
        except Empty:
            raise NotCalled("timeout") from None
