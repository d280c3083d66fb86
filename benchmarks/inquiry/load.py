"""Sends prepared requests over a number of kept connections, and measures wall time and each answer's delay."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LENGTH: Final = b"content-length:"
_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One round against one server: seconds, and milliseconds for each answer."""

    requests: int
    connections: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    """Sends its requests one after the other; each answer has to be a success."""

    def __init__(self, requests: Sequence[bytes], done: asyncio.Future[list[float]]) -> None:
        self._requests = iter(requests)
        self._done = done
        self._delays: list[float] = []
        self._held = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        head = self._held.find(_END)
        if head < 0:
            return
        fields = bytes(self._held[:head]).lower()
        start = fields.index(_LENGTH) + len(_LENGTH)
        length = int(fields[start:].split(b"\r\n", 1)[0])
        if len(self._held) < head + len(_END) + length:
            return
        if not fields.split(b" ", 2)[1].startswith(b"2"):
            self._fail(AssertionError(bytes(self._held[:2_000])))
            return
        self._held.clear()
        self._delays.append(time.perf_counter() - self._sent)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._fail(exc or ConnectionError("the server closed a connection"))

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            self._done.set_result(self._delays)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)
        if self._transport is not None:
            self._transport.abort()


def send(host: str, port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send each request once; raises AssertionError with the answer if one is no success."""
    return asyncio.run(_send(host, port, requests, connections))


async def _send(host: str, port: int, requests: Sequence[bytes], connections: int) -> Load:
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    waits = []
    for number in range(connections):
        done: asyncio.Future[list[float]] = loop.create_future()
        share = requests[number::connections]
        await loop.create_connection(lambda share=share, done=done: _Connection(share, done), host, port)  # type: ignore[misc]
        waits.append(done)
    delays = sorted(delay for given in await asyncio.gather(*waits) for delay in given)
    seconds = time.perf_counter() - begun
    return Load(
        requests=len(requests),
        connections=connections,
        seconds=seconds,
        p50_ms=statistics.median(delays) * 1e3,
        p99_ms=delays[int(len(delays) * 0.99)] * 1e3,
    )
