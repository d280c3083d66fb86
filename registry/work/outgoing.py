"""Calls URLs that participants registered: follows no redirect, and calls private addresses only if allowed."""

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
"""The most seconds of one step: connecting, sending a piece, waiting for one."""
_WHOLE_SECONDS: Final = 20.0
_AT_ONCE: Final = 100
_LOOKUPS_AT_ONCE: Final = 64
"""Threads that look up names. With silent name servers the system's resolver decides how long a look-up lasts."""
_CONNECTED: Final = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
_PORTS: Final = {"https": 443, "http": 80}

Resolve = Callable[[str, int], list[str]]


class NotCalled(Exception):
    """The call got no answer; ``code`` is a stable word for the reason, and the URL is not repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code: Final = code


def resolve(host: str, port: int) -> list[str]:
    """Look up the addresses of a name; empty if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        # Python raises UnicodeError for a name with an empty or overlong label.
        return []
    return [str(each[4][0]) for each in found]


def make_http() -> httpx.Client:
    """Make a client without redirects, without proxies or certificates of the environment, and without keep-alive.

    Connections would be kept by address: a connection to one participant's name could then carry a request to another
    name at the same address, whose certificate was never checked.
    """
    limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=0)
    return httpx.Client(follow_redirects=False, trust_env=False, timeout=_TIMEOUT_SECONDS, limits=limits)


class _Deadline:
    """Hangs up on a call that takes too long as a whole: a dripping answer keeps every time limit of a step."""

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
            with suppress(OSError):  # the other side may have hung up already
                self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Posts to a URL that a participant has registered."""

    http: httpx.Client
    private_allowed: bool
    resolve: Resolve = resolve
    whole_seconds: float = _WHOLE_SECONDS
    """The most seconds of a whole call: look-up, connection, sending, and reading the answer to its end."""
    monotonic: Callable[[], float] = time.monotonic
    lookups: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_LOOKUPS_AT_ONCE), repr=False
    )

    @contextmanager
    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Post once and yield the answer, whose body is not read yet. Raises NotCalled, also while it is read."""
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
            # The deadline cannot hang up before there is a connection, so connecting needs its own time limit.
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
                # Without Content-Length a timeout looks like a normal end: report it as a timeout.
                raise NotCalled("timeout")

    def _address(self, parts: SplitResult) -> str:
        """Return the checked address, which is called itself: a second look-up of the name could give another."""
        addresses = self._looked_up(parts.hostname or "", parts.port or _PORTS[parts.scheme])
        if not addresses:
            raise NotCalled("unknown-host")
        if not self.private_allowed and not all(is_public(each) for each in addresses):
            raise NotCalled("private-address")
        return addresses[0]

    def _looked_up(self, host: str, port: int) -> list[str]:
        """Look up the addresses of the name; raises NotCalled without an answer in time."""
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
