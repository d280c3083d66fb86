"""A server on loopback that says and breaks off exactly what a test tells it, connection by connection."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

CLOSE: Final = b"close at once"
READ_AND_CLOSE: Final = b"read a request, and close instead of an answer"
EARLY: Final = b"give the next answer before the request was read"
Step = bytes
"""One of the above, or the answer to one request."""


def answer(body: bytes = b"{}", *more: str, status: str = "200 OK") -> bytes:
    """An answer with its length."""
    fields = "".join(f"{each}\r\n" for each in more)
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{fields}\r\n".encode() + body


@dataclass
class ScriptedServer:
    """The n-th connection follows the n-th script; after its last step it stays open, silent, until the test ends."""

    scripts: Sequence[Sequence[Step]]
    tls: ssl.SSLContext | None = None
    requests: list[list[bytes]] = field(default_factory=list)
    """The requests of each connection, in the order of the connections."""
    closed: threading.Event = field(default_factory=threading.Event)
    """A connection was closed by a script."""
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _open: list[socket.socket] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def accept(self) -> None:
        for script in self.scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            seen: list[bytes] = []
            self.requests.append(seen)
            self._run(self._follow, connection, script, seen)

    def _run(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _follow(self, connection: socket.socket, script: Sequence[Step], seen: list[bytes]) -> None:
        with suppress(OSError):
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self._open.append(connection)
            for before, step in zip((b"", *script), script, strict=False):
                if step not in (CLOSE, EARLY) and before != EARLY:
                    seen.append(_request(connection))
                if step in (CLOSE, READ_AND_CLOSE):
                    connection.close()
                    self.closed.set()
                elif step != EARLY:
                    connection.sendall(step)
            return
        connection.close()

    def stop(self) -> None:
        # Only shutdown wakes a thread that waits in accept.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(10)

    def start(self) -> None:
        self._run(self.accept)


@contextmanager
def scripted(*scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Run a server that follows these scripts."""
    server = ScriptedServer(scripts, tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _request(connection: socket.socket) -> bytes:
    """Read one request with its body; raises OSError where the connection ends before."""
    held = b""
    while b"\r\n\r\n" not in held:
        held += _more(connection)
    head, _, body = held.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    ]
    while len(body) < sum(lengths):
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError
    return piece
