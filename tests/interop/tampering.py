"""A proxy between a log and its auditors that changes what passes through it, one thing at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.support.loopback import NO_TLS

Change = Callable[[str, bytes], bytes]
"""Takes the path below the log's URL and what the log answered; gives what its reader gets."""


@dataclass
class Proxy:
    """Serves a log at a URL of its own; counts the answers that it changed."""

    upstream: str
    change: Change
    url: str = ""
    changed: list[str] = field(default_factory=list)

    def answer(self, path: str) -> httpx.Response:
        given = httpx.get(f"{self.upstream}/{path}", timeout=30, verify=NO_TLS)
        if given.status_code != httpx.codes.OK:
            return given
        body = self.change(path, given.content)
        if body != given.content:
            self.changed.append(path)
        return httpx.Response(given.status_code, content=body)


@contextmanager
def proxy(upstream: str, change: Change) -> Iterator[Proxy]:
    """A proxy for as long as the block runs."""
    between = Proxy(upstream, change)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # each answer ends its connection, and with it its thread

        def do_GET(self) -> None:
            given = between.answer(self.path.lstrip("/"))
            self.send_response(given.status_code)
            self.send_header("Content-Length", str(len(given.content)))
            self.end_headers()
            self.wfile.write(given.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    between.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield between
    finally:
        server.shutdown()
        server.server_close()
