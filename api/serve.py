"""Runs the application under gunicorn in its production form: threads, bounds, no input in any log or error."""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from protocol.problems import Problem
from serving import cores
from serving.process import lock_memory
from serving.server import Server

LOG = logging.getLogger("clearline.serve")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """The settings of the HTTP server; times in seconds.

    ``workers`` processes share nothing: several are for PostgreSQL, SQLite has one writer and gets one process.
    The front proxy (nginx or haproxy) absorbs slow clients; without it each one holds a thread here.
    """

    listen: str
    workers: int = 1
    threads: int = 8
    graceful_timeout: int = 30
    own_cores: bool = False


Beside = Callable[[threading.Event], None]
"""Work that runs in the same process until the event is set."""


class _Companion:
    """Runs the work beside the server in a thread of each worker process."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, worker: Any) -> None:
        """Begin in the worker, after the fork and after `load`: a fork does not copy the parent's threads."""
        self._thread = threading.Thread(target=_run_beside, args=(self._beside, self._stop, worker.pid), daemon=True)
        self._thread.start()

    def end(self, server: Any, worker: Any) -> None:
        """End in the worker, after its last request is answered."""
        del server, worker
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


def serve(settings: ServeSettings, make_app: Callable[[], Flask], beside: Beside | None = None) -> None:
    """Serve until a signal; SIGTERM lets running requests finish for ``graceful_timeout`` seconds.

    ``beside`` runs in a thread of each worker process, from when the application stands until its last answer.
    """
    options = {
        "bind": settings.listen,
        "workers": settings.workers,
        "threads": settings.threads,
        "timeout": 120,
        "graceful_timeout": settings.graceful_timeout,
        "keepalive": 15,
        "limit_request_line": 4094,
        "limit_request_fields": 64,
        "limit_request_field_size": 8190,
        "proc_name": "clearline-registry",
    }
    if settings.own_cores:
        options |= cores.hooks()
    if beside is not None:
        companion = _Companion(beside)
        options |= {"post_worker_init": companion.begin, "worker_exit": companion.end}
    log_to_stderr()

    def application() -> Flask:
        lock_and_tell()
        return make_app()

    Server(application, options, _tell).run()


def lock_and_tell() -> None:
    """Lock the memory of this process, which holds keys, and log whether it is."""
    LOG.info(json.dumps({"memory": lock_memory()}))


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
            # The companion failed, and its thread's traceback says why. The worker finishes its requests and goes;
            # the next one begins with both.
            LOG.critical(json.dumps({"refused": Problem.INTERNAL.value.name, "error": "work beside the server ended"}))
            os.kill(worker, signal.SIGTERM)


def _tell(problem: Problem, error: str) -> None:
    LOG.warning(json.dumps({"refused": problem.value.name, "error": error}))
