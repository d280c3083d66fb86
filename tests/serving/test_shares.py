"""New connections go to the worker process that has the fewest."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.shares import Shares
from tests.support.root import ROOT

SCRIPT = """
import os
from serving.server import Server


def answer(environ, start_response):
    "The process that answers."
    body = b"%08d" % os.getpid()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

settings = {"bind": "127.0.0.1:0", "workers": 2, "threads": 4, "keepalive": 15, "loglevel": "critical"}
settings["post_worker_init"] = lambda worker: print(worker.sockets[0].getsockname()[1], flush=True)
Server(lambda: answer, settings, print).run()
"""
QUESTION = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    script = tmp_path / "server.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        ports = {int(server.stdout.readline()) for _ in range(2)}
        yield ports.pop()
        server.terminate()
        assert server.wait(15) == 0


def served_by(connection: socket.socket) -> int:
    connection.sendall(QUESTION)
    held = b""
    while len(held.partition(b"\r\n\r\n")[2]) < 8:
        held += connection.recv(4096)
    return int(held[-8:])


def opened(port: int, stack: contextlib.ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))


def until_both_serve(port: int) -> set[int]:
    """Ask on fresh connections until both workers have answered; returns their process ids."""
    workers = set[int]()
    while len(workers) < 2:
        with contextlib.ExitStack() as stack:
            workers |= {served_by(opened(port, stack)) for _ in range(4)}
    return workers


def test_kept_connections_are_shared_fairly(port: int) -> None:
    until_both_serve(port)
    with contextlib.ExitStack() as stack:
        connections = [opened(port, stack) for _ in range(16)]
        shares = Counter(map(served_by, connections))
        assert len(shares) == 2
        assert min(shares.values()) >= 5, shares


def test_a_worker_that_sleeps_is_waited_for_a_moment_only(port: int) -> None:
    asleep, awake = sorted(until_both_serve(port))
    with contextlib.ExitStack() as stack:
        os.kill(asleep, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            assert {served_by(opened(port, stack)) for _ in range(4)} == {awake}
            assert time.monotonic() - begun < 5
        finally:
            os.kill(asleep, signal.SIGCONT)


def test_whoever_has_more_than_another_is_ahead_and_the_gone_count_no_more() -> None:
    shares = Shares()
    shares.note(1, 3)
    assert not shares.is_ahead(1)
    shares.note(2, 2)
    assert shares.is_ahead(1)
    assert not shares.is_ahead(2)
    shares.leave(2)
    assert not shares.is_ahead(1)
