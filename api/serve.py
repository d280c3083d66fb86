"""Runs the application under gunicorn in its production form: threads, bounds, no input in any log or error."""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, NoMoreData

from api.problems import PROBLEM_JSON, problem_bytes
from protocol.problems import Problem, Refusal
from serving.server import EndingWorker, Server

LOG = logging.getLogger("clearline.serve")

_REQUEST_LINE: Final = 4094
_HEADER_FIELDS: Final = 64
_HEADER_BYTES: Final = 8190
_CLOSE: Final = "Connection: close\r\nCache-Control: no-store\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """How the server listens; times in seconds.

    ``workers`` processes share nothing: several are for PostgreSQL, SQLite has one writer and gets one process.
    Slow clients are the front proxy's business (nginx or haproxy); each one holds a thread here.
    """

    listen: str
    workers: int = 1
    threads: int = 8
    timeout: int = 120
    graceful_timeout: int = 30
    keepalive: int = 15
    pid_file: str | None = None


Beside = Callable[[threading.Event], None]
"""Work that is done in the same process until the event is set."""


class QuietWorker(EndingWorker):
    """A thread worker whose refusals of malformed HTTP are problems and repeat nothing, in answer or log."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what never became a request: the parser's words quote the bytes it could not read."""
        del req, addr
        if isinstance(exc, NoMoreData):
            return
        problem = _problem_of(exc)
        LOG.warning(json.dumps({"refused": problem.value.name, "error": type(exc).__name__}))
        body = problem_bytes(Refusal(problem))
        status = problem.value.status
        head = f"HTTP/1.1 {status} {_phrase(status)}\r\nContent-Type: {PROBLEM_JSON}\r\n{_CLOSE}"
        try:
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body)
        except OSError:
            LOG.info(json.dumps({"refused": problem.value.name, "error": "the sender has gone"}))


class RegistryServer(Server):
    """gunicorn configured by values; neither its command line nor its environment variables are read."""

    def __init__(self, settings: ServeSettings, make_app: Callable[[], Flask], beside: Beside | None = None) -> None:
        self._settings = settings
        self._make_app = make_app
        self._beside = beside
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        super().__init__()

    def load_config(self) -> None:
        """Set every value on which safety depends, whatever gunicorn's defaults become."""
        for name, value in configuration(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("post_worker_init", self._begin)
        self.cfg.set("worker_exit", self._end)

    def load(self) -> Flask:
        """Build the application in the worker, after the fork: connections and randomness are its own."""
        return self._make_app()

    def _begin(self, worker: Any) -> None:
        """In the worker, after the fork and after `load`: a thread of the parent would not have come along."""
        if self._beside is not None:
            self._thread = threading.Thread(
                target=_run_beside, args=(self._beside, self._stop, worker.pid), daemon=True
            )
            self._thread.start()

    def _end(self, server: Any, worker: Any) -> None:
        """In the worker, when its last request is answered."""
        del server, worker
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


def configuration(settings: ServeSettings) -> dict[str, Any]:
    """The settings of gunicorn by name."""
    return {
        "bind": settings.listen,
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_class": QuietWorker,
        "preload_app": False,
        "timeout": settings.timeout,
        "graceful_timeout": settings.graceful_timeout,
        "keepalive": settings.keepalive,
        "pidfile": settings.pid_file,
        "limit_request_line": _REQUEST_LINE,
        "limit_request_fields": _HEADER_FIELDS,
        "limit_request_field_size": _HEADER_BYTES,
        # Nobody rewrites the path, the scheme or the sender by a header: the public URL is configured.
        "forwarded_allow_ips": "",
        "proxy_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "header_map": "refuse",
        # The application writes its own access log, with routes instead of paths.
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "control_socket_disable": True,
        "proc_name": "clearline-registry",
    }


def serve(settings: ServeSettings, make_app: Callable[[], Flask], beside: Beside | None = None) -> None:
    """Serve until a signal; SIGTERM lets running requests finish for ``graceful_timeout`` seconds.

    ``beside`` runs in a thread of each worker process, from when the application stands until its last answer.
    """
    log_to_stderr()
    RegistryServer(settings, make_app, beside).run()


def log_to_stderr() -> None:
    """Our loggers write lines that are JSON already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter('{"at":"%(asctime)s","logger":"%(name)s","entry":%(message)s}'))
    for name in ("clearline.api", "clearline.access", "clearline.serve", "clearline.alarm"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False


def _run_beside(beside: Beside, stop: threading.Event, worker: int) -> None:
    by_itself = True
    try:
        beside(stop)
        by_itself = not stop.is_set()
    finally:
        if by_itself:
            # It ended by a mistake, which the thread's own traceback tells. The worker finishes its requests and goes;
            # the next one begins with both.
            LOG.critical(json.dumps({"refused": Problem.INTERNAL.value.name, "error": "work beside the server ended"}))
            os.kill(worker, signal.SIGTERM)


def _problem_of(error: BaseException) -> Problem:
    if isinstance(error, LimitRequestHeaders | LimitRequestLine):
        return Problem.BAD_REQUEST
    # gunicorn's parser errors are OSErrors or ValueErrors of its own package; all else is ours.
    return Problem.BAD_REQUEST if type(error).__module__.startswith("gunicorn.") else Problem.INTERNAL


def _phrase(status: int) -> str:
    return "Bad Request" if status == Problem.BAD_REQUEST.value.status else "Internal Server Error"
