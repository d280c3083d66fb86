"""Runs gunicorn so that every signal to end reaches it, and no answer or log repeats malformed bytes."""

import gc
import logging
import select
import selectors
import signal
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from protocol.problems import Problem, Refusal
from serving.shares import Shares
from serving.web import PROBLEM_JSON, problem_bytes

_ENDS: Final = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_MONITORS: Final = (b"GET /healthz ", b"GET /readyz ")
_MONITOR_THREADS: Final = 2
_STAY_MILLISECONDS: Final = 2
_YIELD_SECONDS: Final = 0.001
_MOST_YIELDS: Final = 10
_COLLECT_EVERY: Final = 5_000
_HEAD_BYTES: Final = 4096
_HEADERS: Final = f"Content-Type: {PROBLEM_JSON}\r\nConnection: close\r\nCache-Control: no-store\r\n"

Tell = Callable[[Problem, str], None]
"""Logs that a connection was refused, and the kind of error."""


class _PatientMaster(Arbiter):  # type: ignore[misc] # gunicorn has no type information
    """A master whose new workers lose no signal.

    A new process has the master's handlers until it has set its own, and drops signals that came before. The signal
    to end would be lost there, and the master would wait for the whole of ``graceful_timeout``.
    """

    def spawn_worker(self) -> Any:
        """Fork a worker for which the signals to end wait in the kernel until `QuietWorker` lets them in."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Threads(ThreadPoolExecutor):
    """The threads that serve, and beside them a few that serve a monitor's questions alone.

    All of the others may wait for a database. A whole question lies in the socket before one of these takes it, so that
    no slow sender holds one either.

    A thread that serves stays with its connection for a moment after the answer: gunicorn gives each request to a
    thread through its main thread, which costs as much as a small application.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._most_staying = count // 2
        self._beside = ThreadPoolExecutor(_MONITOR_THREADS)
        # Both change by one atomic step: several threads do it at once.
        self._unserved: deque[None] = deque()
        self._staying: deque[None] = deque()

    def submit(self, handle: Callable[..., Any], conn: Any, /) -> Future[Any]:  # type: ignore[override] # as gunicorn calls it
        """Serve a connection whose first bytes have come."""
        if _asks_for_health(conn):
            return self._beside.submit(handle, conn)
        self._unserved.append(None)
        return super().submit(self._serve, handle, conn)

    def _serve(self, handle: Callable[..., Any], conn: Any) -> Any:
        """Serve a request, and the next ones of its connection as long as they come at once and nobody waits."""
        self._unserved.popleft()
        kept = handle(conn)
        while kept is True and self._stays(conn):
            kept = handle(conn)
        return kept

    def _stays(self, conn: Any) -> bool:
        """Wait a moment for the next request of the connection, unless others wait for a thread."""
        if self._unserved or conn.is_http2 or len(self._staying) >= self._most_staying:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True
        self._staying.append(None)
        try:
            readable = select.poll()
            readable.register(conn.sock, select.POLLIN)
            return bool(readable.poll(_STAY_MILLISECONDS))
        finally:
            self._staying.popleft()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        self._beside.shutdown(wait, cancel_futures=cancel_futures)
        super().shutdown(wait, cancel_futures=cancel_futures)


def _asks_for_health(conn: Any) -> bool:
    if conn.initialized and conn.parser.unreader.buf.getvalue():
        return False  # the bytes in the socket come behind another question
    head = _peek(conn)
    return head is not None and head.startswith(_MONITORS) and b"\r\n\r\n" in head


def _peek(conn: Any) -> bytes | None:
    """Return the first bytes of a connection and leave them there; None while there are none."""
    try:
        return bytes(conn.sock.recv(_HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return None
    except OSError:
        return b""  # it broke: whoever serves it will see


class QuietWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no type information
    """A thread worker that receives every signal to end, and repeats no malformed HTTP in an answer or a log.

    Monitors are answered while every thread waits for a database (`_Threads`). A new connection goes to the worker of
    the server that has the fewest, if that one is awake.
    """

    _yields = 0

    @property
    def _shares(self) -> Shares:
        shares: Shares = self.app.shares
        return shares

    def notify(self) -> None:
        """Tell the master that this worker lives, and the others how many connections it has."""
        super().notify()
        if self.alive:
            self._shares.note(self.age, self.nr_conns)
        else:
            self._shares.leave(self.age)

    def accept(self, listener: Any) -> None:
        """Take a new connection, unless another worker has fewer: it has a few milliseconds to take this one."""
        if self._yields < _MOST_YIELDS and self._shares.is_ahead(self.age):
            self._yields += 1
            time.sleep(_YIELD_SECONDS)
            return
        self._yields = 0
        super().accept(listener)
        self._shares.note(self.age, self.nr_conns)

    def get_thread_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.cfg.threads) if self.cfg.is_ssl else _Threads(self.cfg.threads)

    def enqueue_req(self, conn: Any) -> None:
        """Hand a connection to a thread; one that is new and has sent nothing yet waits for that without a thread."""
        if conn.initialized or self.cfg.is_ssl or not self.alive or _peek(conn) is not None:
            super().enqueue_req(conn)
            return
        conn.sock.settimeout(0)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def run(self) -> None:
        """Serve. All that stands by now lives as long as the process: the collector need not walk through it again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(_COLLECT_EVERY)
        super().run()

    def handle_quit(self, sig: Any, frame: Any) -> None:
        """End as soon as the requests under way are answered, and wait for no connection.

        gunicorn's own handler shuts its pool down and raises SystemExit wherever the main thread is. If that is handing
        a connection to the pool, it waits for the pool's lock for ever, or leaves a thread behind that nobody ends.
        """
        self.cfg.set("graceful_timeout", 0)
        self.handle_exit(sig, frame)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse a connection that sent no HTTP request; the parser's own words would quote its bytes."""
        del req, addr
        # The sender causes gunicorn's parser errors (its own OSErrors and ValueErrors) and TLS errors; we cause others.
        is_senders = isinstance(exc, ssl.SSLError) or type(exc).__module__.startswith("gunicorn.")
        problem = Problem.BAD_REQUEST if is_senders else Problem.INTERNAL
        self.app.tell(problem, type(exc).__name__)
        body, status = problem_bytes(Refusal(problem)), HTTPStatus(problem.value.status)
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{_HEADERS}Content-Length: {len(body)}\r\n\r\n"
        with suppress(OSError):  # the sender may have gone
            client.sendall(head.encode("ascii") + body)


_SETTINGS: Final[Mapping[str, Any]] = {
    "worker_class": QuietWorker,
    "workers": 1,
    "preload_app": False,
    # No header may change the path, the scheme or the sender: the public URL is configured.
    "forwarded_allow_ips": "",
    "proxy_allow_ips": "",
    "forwarder_headers": "",
    "secure_scheme_headers": {},
    "header_map": "refuse",
    # The application writes its own log, with routes instead of paths.
    "accesslog": None,
    "errorlog": "-",
    "loglevel": "warning",
    "control_socket_disable": True,  # the default socket has one path per user, and several of our processes run
}


_SMALL: Final[Mapping[str, Any]] = {
    "graceful_timeout": 15,
    "keepalive": 75,  # longer than a gateway keeps its connection between batches
    "limit_request_line": 1024,
    "limit_request_fields": 32,
    "limit_request_field_size": 4096,
}


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no type information
    """gunicorn configured by values; neither its command line nor its environment variables are read."""

    def __init__(self, make_app: Callable[[], WSGIApplication], settings: Mapping[str, Any], tell: Tell) -> None:
        self._make_app = make_app
        self.shares = Shares()
        self._settings = {**_SETTINGS, **self.shares.hooks(), **settings}
        self.tell = tell
        super().__init__()

    def load_config(self) -> None:
        """Set every value on which safety depends, whatever gunicorn's defaults become."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Build the application in the worker, after the fork, with its own connections and randomness."""
        return self._make_app()

    def run(self) -> None:
        """Serve until a signal to end; raises SystemExit with gunicorn's code."""
        # Workers share what is loaded here for as long as they do not write to it, and the collector writes to all.
        gc.collect()
        gc.freeze()
        _PatientMaster(self).run()


def serve_small(make_app: Callable[[], WSGIApplication], settings: Mapping[str, Any], log: logging.Logger) -> None:
    """Serve small requests until a signal to end, with a log of plain lines."""

    def tell(problem: Problem, error: str) -> None:
        log.warning("refused problem=%s error=%s", problem.value.name, error)

    logging.basicConfig(format="%(asctime)s %(name)s %(levelname)s %(message)s")
    log.setLevel(logging.INFO)  # of its own: where `clearline` configured logging before, only warnings are written
    Server(make_app, {**_SMALL, **settings}, tell).run()
