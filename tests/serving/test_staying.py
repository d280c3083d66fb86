"""A thread of the server stays with its connection for a moment, and nobody else waits for that."""

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.root import ROOT

SCRIPT = """
import threading
from serving.server import Server


def answer(environ, start_response):
    "The thread's name, so that the client sees who served it."
    body = threading.current_thread().name.encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

settings = {"bind": "127.0.0.1:0", "threads": 4, "graceful_timeout": 5, "keepalive": 15, "loglevel": "error"}
settings["post_worker_init"] = lambda worker: print(worker.sockets[0].getsockname()[1], flush=True)
Server(lambda: answer, settings, print).run()
"""
QUESTION = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    script: Path = tmp_path_factory.mktemp("staying") / "server.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.terminate()
        assert server.wait(15) == 0


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def answered(connection: socket.socket, count: int = 1) -> list[str]:
    """Read so many answers; returns the names of the threads that gave them."""
    held, names = b"", list[str]()
    while len(names) < count:
        head, end, rest = held.partition(b"\r\n\r\n")
        length = int(head.lower().rpartition(b"content-length: ")[2].split(b"\r\n")[0]) if end else 0
        if not end or len(rest) < length:
            received = connection.recv(4096)
            assert received
            held += received
            continue
        names.append(rest[:length].decode())
        held = rest[length:]
    return names


def test_requests_that_follow_each_other_at_once_are_served_by_one_thread(port: int) -> None:
    names = []
    with opened(port) as connection:
        for _ in range(200):
            connection.sendall(QUESTION)
            names += answered(connection)
    # The pool alone would give ten in a row to one of four threads once in a million.
    assert max(len(list(run)) for _, run in itertools.groupby(names)) >= 10


def test_requests_that_come_in_one_piece_are_answered_in_their_order(port: int) -> None:
    with opened(port) as connection:
        connection.sendall(QUESTION * 5)
        assert len(answered(connection, 5)) == 5


def test_more_connections_than_threads_are_all_served(port: int) -> None:
    connections = [opened(port) for _ in range(12)]
    for _ in range(5):
        for each in connections:
            each.sendall(QUESTION)
        for each in connections:
            assert answered(each)
    for each in connections:
        each.close()


def test_a_connection_that_rests_is_served_again(port: int) -> None:
    with opened(port) as connection:
        for pause in (0, 0.05, 0.2):
            time.sleep(pause)
            connection.sendall(QUESTION)
            assert answered(connection)
