"""Runs gunicorn so that it ends when it is told to, and repeats nothing of what it could not read."""

import logging
import signal
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from protocol.problems import Problem, Refusal
from serving.web import PROBLEM_JSON, problem_bytes

_ENDS: Final = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
_HEADERS: Final = f"Content-Type: {PROBLEM_JSON}\r\nConnection: close\r\nCache-Control: no-store\r\n"

Tell = Callable[[Problem, str], None]
"""Logs that a connection was refused, and the kind of error that it met."""


class _PatientMaster(Arbiter):  # type: ignore[misc] # gunicorn has no type information
    """A master that passes a signal on to a worker that is not ready for it yet.

    A new process has the master's handlers until it has set its own, and forgets what came before it ran. The
    signal to end would be lost there, and the master would wait for the whole of ``graceful_timeout``.
    """

    def spawn_worker(self) -> Any:
        """Fork a worker for which the signals to end wait in the kernel until `QuietWorker` lets them in."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            return super().spawn_worker()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class QuietWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no type information
    """A thread worker that hears every signal to end, and repeats no malformed HTTP in an answer or a log."""

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Refuse a connection that never became a request; the parser's words would quote the bytes."""
        del req, addr
        # gunicorn's parser errors are OSErrors or ValueErrors of its own package; all else but a handshake is ours.
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
    # Nobody rewrites the path, the scheme or the sender by a header: the public URL is configured.
    "forwarded_allow_ips": "",
    "proxy_allow_ips": "",
    "forwarder_headers": "",
    "secure_scheme_headers": {},
    "header_map": "refuse",
    # The application writes its own log, with routes instead of paths.
    "accesslog": None,
    "errorlog": "-",
    "loglevel": "warning",
    "control_socket_disable": True,  # the default socket has one path per user, and we are several
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
        self._settings = {**_SETTINGS, **settings}
        self.tell = tell
        super().__init__()

    def load_config(self) -> None:
        """Set every value on which safety depends, whatever gunicorn's defaults become."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """Build the application in the worker, after the fork: connections and randomness are its own."""
        return self._make_app()

    def run(self) -> None:
        """Serve until a signal to end; raises SystemExit with gunicorn's code."""
        _PatientMaster(self).run()


def serve_small(make_app: Callable[[], WSGIApplication], settings: Mapping[str, Any], log: logging.Logger) -> None:
    """Serve small requests until a signal to end, with a log of plain lines."""

    def tell(problem: Problem, error: str) -> None:
        log.warning("refused problem=%s error=%s", problem.value.name, error)

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    Server(make_app, {**_SMALL, **settings}, tell).run()
