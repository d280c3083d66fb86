"""A deadline bounds everything that a call may take: attempts, pauses, and a peer that drips its answer."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from client.connections import Connections
from client.deadline import Deadline
from client.errors import RegistryUnreachable
from client.peer import SignedPeer, Signer
from client.registry import RegistryClient
from client.sending import PeerSilent, Received
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.messages.log import Log
from protocol.messages.steps import Step
from tests.support.builders import NOW

KEY = generate_signing_key(os.urandom)


@dataclass
class Sluggish:
    """A registry that answers nothing, or refuses at once, on a clock of the test's own."""

    now: float = 0.0
    refuses_at_once: bool = False
    attempts: list[tuple[float, float, str | None]] = field(default_factory=list)
    """The begin of each, the seconds that it had, and its Idempotency-Key."""

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

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
        """Let the whole time of the attempt pass."""
        del method, target, body, max_answer
        assert deadline is not None
        self.attempts.append((self.now, deadline.left(), headers.get("Idempotency-Key")))
        self.now += 0.0 if self.refuses_at_once else deadline.left()
        raise PeerSilent("no answer in time")


def ask(line: Sluggish, *, seconds: float, attempt_seconds: float, attempts: int = 2) -> None:
    signer = Signer(key_id="a-1", private_key=KEY, clock=lambda: NOW, random=os.urandom)
    client = RegistryClient(
        SignedPeer("https://registry.example", line, signer),
        signer,
        key_id="registry-1",
        public_key=public_bytes(KEY),
        attempts=attempts,
        monotonic=line.clock,
        sleep=line.sleep,
    )
    deadline = Deadline.after(seconds, line.clock, attempt_seconds=attempt_seconds)
    with pytest.raises(RegistryUnreachable):
        client.within(deadline).post("/v1/x", Step(), Log)


def test_a_second_attempt_is_made_under_the_same_key_where_there_is_time_for_it() -> None:
    line = Sluggish()
    ask(line, seconds=2.4, attempt_seconds=1.5)
    (first, first_left, key), (second, second_left, again) = line.attempts
    assert (first, first_left) == (0.0, 1.5)
    assert second_left == pytest.approx(0.8)
    assert second + second_left == pytest.approx(2.4)
    assert key is not None
    assert key == again


@pytest.mark.parametrize(("seconds", "attempt_seconds"), [(2.2, 1.5), (1.0, 1.5), (30.0, 30.0)])
def test_no_second_attempt_is_made_where_its_time_would_not_do(seconds: float, attempt_seconds: float) -> None:
    line = Sluggish()
    ask(line, seconds=seconds, attempt_seconds=attempt_seconds)
    assert len(line.attempts) == 1
    assert line.now <= seconds


def test_a_registry_that_refuses_connections_is_given_up_before_the_deadline() -> None:
    line = Sluggish(refuses_at_once=True)
    ask(line, seconds=2.5, attempt_seconds=1.5, attempts=9)
    assert 2 <= len(line.attempts) < 9
    assert line.now <= 2.5 - 0.8


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends a byte of its answer's head every twentieth of a second, for ever."""
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


def test_an_answer_that_drips_ends_at_the_deadline() -> None:
    with dripping() as url:
        tls = ssl.create_default_context()
        connections = Connections(url, seconds=60, tls=tls, monotonic=time.monotonic)
        deadline = Deadline.after(0.3, time.monotonic)
        with pytest.raises(PeerSilent, match="no answer in time"):
            connections.send("GET", f"{url}/x", headers={}, body=None, max_answer=1000, deadline=deadline)
        assert not deadline.left()
        with pytest.raises(PeerSilent, match="no answer in time"):
            connections.send("GET", f"{url}/x", headers={}, body=None, max_answer=1000, deadline=deadline)


def test_a_deadline_is_shortened_and_never_lengthened() -> None:
    deadline = Deadline.after(2.5, lambda: 100.0)
    assert deadline.sooner(1.0).left() == 1.0
    assert deadline.sooner(60.0).left() == 2.5
    assert deadline.sooner(-1.0).left() == 0.0
