"""Relays every request and answer of one server, and records every byte of them in files."""

import itertools
import socket
import socketserver
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from serving.files import begin_file, make_folder

_BLOCK: Final = 64 * 1024
_MAX_HEAD: Final = 64 * 1024
_TIMEOUT_SECONDS: Final = 180.0

Sink = Callable[[bytes], None]


class _CutOff(Exception):
    """The peer ended in the middle of a message."""


class Relay:
    """Forwards HTTP/1.1 from its own port to a server's, message by message; files are numbered as they begin."""

    def __init__(self, name: str, listen: tuple[str, int], server: tuple[str, int], folder: Path) -> None:
        make_folder(folder)
        self._name = name
        self._server = server
        self._folder = folder
        self._numbers = itertools.count(1)
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            """One caller's connection."""

            def handle(self) -> None:
                relay.serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            """Run a thread for each connection; no thread delays the end of the process."""

            allow_reuse_address = True
            daemon_threads = True

        self._listening = Server(listen, Handler)
        self._thread = threading.Thread(target=self._listening.serve_forever, daemon=True, name=f"relay-{name}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._listening.shutdown()
        self._listening.server_close()

    def serve(self, caller: socket.socket) -> None:
        """Forward exchange after exchange until one side ends the connection."""
        caller.settimeout(_TIMEOUT_SECONDS)
        try:
            with socket.create_connection(self._server, timeout=_TIMEOUT_SECONDS) as server:
                asking, answering = caller.makefile("rb"), server.makefile("rb")
                while self._exchange(asking, answering, caller, server):
                    pass
        except (OSError, _CutOff):
            return  # the caller sees its connection close, as the server itself would close it

    def _exchange(self, asking: IO[bytes], answering: IO[bytes], caller: socket.socket, server: socket.socket) -> bool:
        """Forward one request and its answer; return False if no further one can follow."""
        head = _head(asking)
        if not head:
            return False
        stem = f"{next(self._numbers):06d}-{self._name}"
        with begin_file(self._folder / f"{stem}.request") as file:
            _forward(head, asking, _both(file, server), ends_with_connection=False)
        method = head.split(b" ", 1)[0]
        with begin_file(self._folder / f"{stem}.response") as file:
            answer = _head(answering)
            if not answer:
                raise _CutOff
            bodiless = method == b"HEAD" or answer.split(b" ", 2)[1] in {b"204", b"304"}
            if bodiless:
                _both(file, caller)(answer)
            else:
                _forward(answer, answering, _both(file, caller), ends_with_connection=True)
        return not (_says_close(head) or _says_close(answer))


def _both(file: IO[bytes], peer: socket.socket) -> Sink:
    def write(block: bytes) -> None:
        file.write(block)
        file.flush()  # record the bytes before they leave, whatever happens next
        peer.sendall(block)

    return write


def _head(stream: IO[bytes]) -> bytes:
    """Read start line and header lines with the empty line; return b"" if the peer has ended the connection."""
    head = b""
    while line := stream.readline(_MAX_HEAD):
        head += line
        if line in {b"\r\n", b"\n"}:
            return head
        if len(head) > _MAX_HEAD:
            raise _CutOff
    if head:
        raise _CutOff
    return b""


def _forward(head: bytes, stream: IO[bytes], sink: Sink, *, ends_with_connection: bool) -> None:
    """Forward the head and the body that it announces (RFC 9112 section 6.3)."""
    fields = _fields(head)
    sink(head)
    if b"chunked" in fields.get(b"transfer-encoding", b"").lower():
        _chunks(stream, sink)
    elif b"content-length" in fields:
        _exactly(stream, int(fields[b"content-length"]), sink)
    elif ends_with_connection:
        while block := stream.read(_BLOCK):
            sink(block)
        raise _CutOff


def _chunks(stream: IO[bytes], sink: Sink) -> None:
    while True:
        line = stream.readline(_MAX_HEAD)
        if not line:
            raise _CutOff
        sink(line)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        _exactly(stream, size + 2, sink)
    while line := stream.readline(_MAX_HEAD):
        sink(line)
        if line in {b"\r\n", b"\n"}:
            return
    raise _CutOff


def _exactly(stream: IO[bytes], length: int, sink: Sink) -> None:
    while length:
        block = stream.read(min(length, _BLOCK))
        if not block:
            raise _CutOff
        length -= len(block)
        sink(block)


def _fields(head: bytes) -> dict[bytes, bytes]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def _says_close(head: bytes) -> bool:
    return _fields(head).get(b"connection", b"").lower() == b"close"
