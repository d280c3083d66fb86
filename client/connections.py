"""Keep connections to one server and send requests over them; a dead one is replaced, a timed out one is closed.

An exchange has its connection to itself, so that any number of threads may send at once. A connection goes back only
after an answer that was read to its end. No process may share one with another: build this after the fork.
"""

import select
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from client.answer_reader import AnswerCut, AnswerMalformed, AnswerReader
from client.deadline import Deadline
from client.sending import NO_ANSWER_IN_TIME, ConnectionStale, PeerSilent, Received

CONNECT_SECONDS: Final = 3.0
KEEP_SECONDS: Final = 10.0
"""Shorter than the servers' keep-alive, so that a request seldom meets a connection that is just being closed."""
_PORTS: Final = {"http": 80, "https": 443}
_NOT_REACHABLE: Final = "not reachable"


class AddressUnusable(Exception):
    """A base URL has no host, no port number, or another scheme than http and https."""


class Connections:
    """The kept connections to the server at ``base_url``. Thread-safe."""

    def __init__(self, base_url: str, *, seconds: float, tls: ssl.SSLContext, monotonic: Callable[[], float]) -> None:
        """``seconds`` bound each wait for bytes. Raises AddressUnusable; connects at the first request."""
        try:
            parts = urlsplit(base_url)
            port = parts.port
        except ValueError:
            raise AddressUnusable from None
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
            raise AddressUnusable
        self._origin = base_url.removesuffix(parts.path)
        self._host, self._port = parts.hostname, port or _PORTS[parts.scheme]
        self._head = (
            f"Host: {_ascii(parts.netloc)}\r\nAccept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: clearline"
        )
        self._tls = tls if parts.scheme == "https" else None
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._idle: deque[tuple[socket.socket, float]] = deque()
        """Unused connections with the time when each was given back, the latest last."""
        self._is_closed = False

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        max_answer: int,
        deadline: Deadline | None = None,
    ) -> Received:
        """Send once, over a kept connection if there is one; raises PeerSilent, ConnectionStale or AnswerTooLong.

        ``deadline`` bounds everything but the look-up of the host's name, which the system bounds.
        """
        request = self._write(method, target, headers, body)
        kept = self._take()
        connection = self._connect(deadline) if kept is None else kept

        def receive(most: int) -> bytes:
            connection.settimeout(self._patience(deadline))
            return connection.recv(most)

        reader = AnswerReader(receive, max_answer)
        try:
            self._send_all(connection, request, deadline)
            received = reader.read()
        except (AnswerCut, ConnectionError) as trouble:
            connection.close()
            if kept is not None and not reader.is_begun:
                # The server has gone or restarted: its other connections are dead too.
                self._drop_idle()
                raise ConnectionStale from None
            raise PeerSilent(f"the connection failed ({type(trouble).__name__})") from None
        except TimeoutError:
            connection.close()
            raise PeerSilent(NO_ANSWER_IN_TIME) from None
        except (OSError, AnswerMalformed) as trouble:
            connection.close()
            raise PeerSilent(f"the connection failed ({type(trouble).__name__})") from None
        except BaseException:
            # Half an answer is still on its way: no other request may meet it.
            connection.close()
            raise
        if reader.can_be_kept:
            self._give_back(connection)
        else:
            connection.close()
        return received

    def close(self) -> None:
        """Close what is unused now, and the others as soon as their answers are read."""
        self._is_closed = True
        self._drop_idle()

    def _write(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        path = target.removeprefix(self._origin)
        if path == target or not path.startswith("/") or " " in path:
            raise ValueError("the target is none of this server")
        lines = [f"{method} {path} HTTP/1.1", self._head, *(f"{name}: {value}" for name, value in headers.items())]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        # self._head has three line ends of its own.
        text, ends = "\r\n".join(lines), len(lines) + 2
        if text.count("\n") != ends or text.count("\r") != ends:
            raise ValueError("a header field holds a line end")
        return f"{text}\r\n\r\n".encode("ascii") + (body or b"")

    def _patience(self, deadline: Deadline | None) -> float:
        """Return the seconds of the next wait; raises TimeoutError for none."""
        seconds = self._seconds if deadline is None else min(self._seconds, deadline.left())
        if not seconds:
            raise TimeoutError
        return seconds

    def _send_all(self, connection: socket.socket, request: bytes, deadline: Deadline | None) -> None:
        """Send a request; each piece has the whole time limit, which ``sendall`` would spread over all of them."""
        left = memoryview(request)
        try:
            while left:
                connection.settimeout(self._patience(deadline))
                left = left[connection.send(left) :]
        except ConnectionError:
            # The server may have refused a long body before its end: read what it said.
            return

    def _connect(self, deadline: Deadline | None) -> socket.socket:
        try:
            seconds = min(CONNECT_SECONDS, self._patience(deadline))
            connection = socket.create_connection((self._host, self._port), seconds)
        except TimeoutError:
            raise PeerSilent(NO_ANSWER_IN_TIME) from None
        except (OSError, UnicodeError):
            raise PeerSilent(_NOT_REACHABLE) from None
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connection.settimeout(min(CONNECT_SECONDS, self._patience(deadline)))
                connection = self._tls.wrap_socket(connection, server_hostname=self._host)
        except TimeoutError:
            connection.close()
            raise PeerSilent(NO_ANSWER_IN_TIME) from None
        except OSError:
            connection.close()
            raise PeerSilent(_NOT_REACHABLE) from None
        return connection

    def _take(self) -> socket.socket | None:
        """Take the kept connection that was used last; None where none is fit for use."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection, since = self._idle.pop()
            if self._monotonic() - since < KEEP_SECONDS and _is_quiet(connection):
                return connection
            connection.close()

    def _give_back(self, connection: socket.socket) -> None:
        now, old = self._monotonic(), list[socket.socket]()
        with self._lock:
            while self._idle and now - self._idle[0][1] >= KEEP_SECONDS:
                old.append(self._idle.popleft()[0])
            self._idle.append((connection, now))
        for each in old:
            each.close()
        if self._is_closed:
            self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, deque()
        for connection, _ in idle:
            connection.close()


def _is_quiet(connection: socket.socket) -> bool:
    """Tell whether nothing has come on an unused connection: its end, or bytes that answer nothing."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return not waiting.poll(0)


def _ascii(netloc: str) -> str:
    return netloc if netloc.isascii() else netloc.encode("idna").decode("ascii")
