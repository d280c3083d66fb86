"""A server under gunicorn ends in time, also when the order to end comes while its worker starts."""

import signal
import socket
import ssl
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders
from gunicorn.workers.gthread import PollableMethodQueue

from protocol.problems import Problem
from serving.server import QuietWorker, Server
from tests.support.root import ROOT

SCRIPT = """
import os, sys, time
from serving.server import Server


def told_at_once(server, worker):
    "In the worker, before it has handlers of its own: the whole server is told to end, and the master passes it on."
    os.kill(os.getppid(), int(sys.argv[1]))
    time.sleep(0.5)

settings = {"bind": "127.0.0.1:0", "threads": 2, "graceful_timeout": 60, "loglevel": "error", "post_fork": told_at_once}
Server(lambda: lambda environ, start_response: [], settings, print).run()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_while_its_worker_starts_ends_at_once(
    number: signal.Signals, tmp_path: Path
) -> None:
    script = tmp_path / "server.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(int(number))]
    ended = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_nothing_of_gunicorn_is_left_to_its_defaults_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--preload --access-logfile=-")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    config = Server(lambda: lambda _environ, _start_response: [], {"bind": "127.0.0.1:0", "workers": 3}, print).cfg
    assert (config.preload_app, config.accesslog, config.workers) == (False, None, 3)
    assert config.forwarded_allow_ips == config.proxy_allow_ips == config.forwarder_headers == []
    assert (config.secure_scheme_headers, config.header_map, config.control_socket_disable) == ({}, "refuse", True)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequestLine("MARK-7731"), b"400 Bad Request"),
        (LimitRequestHeaders("MARK-7731"), b"400 Bad Request"),
        (ssl.SSLError(1, "MARK-7731"), b"400 Bad Request"),
        (ValueError("MARK-7731"), b"500 Internal Server Error"),
    ],
)
def test_a_connection_that_became_no_request_is_refused_by_a_problem(error: Exception, status: bytes) -> None:
    told: list[tuple[Problem, str]] = []
    server = Server(lambda: lambda _environ, _start_response: [], {}, lambda *words: told.append(words))
    worker = object.__new__(QuietWorker)
    worker.app = server
    near, far = socket.socketpair()
    with near, far:
        worker.handle_error(None, far, ("127.0.0.1", 1), error)
        head, _, body = near.recv(4096).partition(b"\r\n\r\n")
    assert head.splitlines() == [
        b"HTTP/1.1 " + status,
        b"Content-Type: application/problem+json",
        b"Connection: close",
        b"Cache-Control: no-store",
        f"Content-Length: {len(body)}".encode(),
    ]
    assert body.startswith(b'{"type":"urn:clearline:problem:')
    assert b"MARK" not in body
    assert told == [(Problem.BAD_REQUEST if status.startswith(b"400") else Problem.INTERNAL, type(error).__name__)]
    worker.handle_error(None, far, ("127.0.0.1", 1), error)  # the socket is closed: nobody is left to be told


def test_a_worker_that_hands_a_connection_to_a_thread_hears_the_signal_to_end_without_harm() -> None:
    worker = object.__new__(QuietWorker)
    worker.cfg, worker.alive = Server(lambda: lambda _environ, _start_response: [], {}, print).cfg, True
    worker.tpool, worker.method_queue = ThreadPoolExecutor(1), PollableMethodQueue()
    worker.method_queue.init()
    # The signal interrupts the thread that holds this lock, and its handler runs there: it may not raise either.
    with worker.tpool._shutdown_lock:
        worker.handle_quit(signal.SIGQUIT, None)
    assert (worker.alive, worker.cfg.graceful_timeout) == (False, 0)
    worker.method_queue.close()
    worker.tpool.shutdown()
