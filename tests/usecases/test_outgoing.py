"""What is called at a URL that somebody named costs bounded time and shares nothing with anybody else's."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from registry.work.outgoing import Caller, NotCalled, make_http, resolve

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[int]]]:
    """A server of plain sockets that answers each connection by ``serve``, and the ports that called it."""
    called: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                called.append(address[1])
                with connection:
                    serve(connection)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/", called
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def answering(connection: socket.socket) -> None:
    """As a server does that keeps its connections open."""
    while b"\r\n\r\n" in connection.recv(65_536):
        connection.sendall(ANSWER)


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    """Every octet comes in time, and the answer never ends."""

    def serve(connection: socket.socket) -> None:
        connection.recv(65_536)
        try:
            connection.sendall(head)
            while True:
                connection.sendall(b"x")
                time.sleep(0.02)
        except OSError:
            return

    return serve


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["head", "body", "body-without-length"],
)
def test_an_answer_that_drips_is_no_answer(head: bytes) -> None:
    with listening(dripping(head)) as (url, _), make_http() as http:
        caller = Caller(http=http, private_allowed=True, whole_seconds=0.3)
        begun = time.monotonic()
        with pytest.raises(NotCalled) as failed, caller.post(url, b"", {}) as response:
            response.read()
        assert failed.value.code == "timeout"
        assert time.monotonic() - begun < 5


def test_no_connection_serves_two_calls(caplog: pytest.LogCaptureFixture) -> None:
    """One that was made to somebody's name must not carry what is for another name at the same address."""
    with listening(answering) as (url, called), make_http() as http:
        caller = Caller(http=http, private_allowed=True)
        for _ in range(2):
            with caller.post(url, b"", {}) as response:
                assert response.read() == b"ok"
        assert len(set(called)) == 2
    assert caplog.records == []


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", ".example"])
def test_a_name_that_cannot_be_looked_up_stands_for_nothing(host: str) -> None:
    assert resolve(host, 443) == []


def test_a_name_whose_servers_are_silent_costs_the_time_of_one_call() -> None:
    """The system's resolver waits for them as long as it likes."""
    asked, silence = threading.Event(), threading.Event()

    def silent(_host: str, _port: int) -> list[str]:
        asked.set()
        silence.wait(20)
        return []

    with make_http() as http:
        caller = Caller(http=http, private_allowed=False, resolve=silent, whole_seconds=0.2)
        begun = time.monotonic()
        with pytest.raises(NotCalled) as failed, caller.post("https://carrier.example/", b"", {}):
            pass
        assert failed.value.code == "timeout"
        assert asked.is_set()
        assert time.monotonic() - begun < 5
    silence.set()


def test_silent_names_take_a_bounded_number_of_threads() -> None:
    silence = threading.Event()
    with make_http() as http:
        caller = Caller(
            http=http,
            private_allowed=False,
            resolve=lambda _host, _port: ["8.8.8.8"] * silence.wait(20),
            whole_seconds=0.05,
            lookups=threading.BoundedSemaphore(2),
        )
        before = threading.active_count()
        for _ in range(4):
            with pytest.raises(NotCalled), caller.post("https://carrier.example/", b"", {}):
                pass
        assert threading.active_count() <= before + 2
    silence.set()


@pytest.mark.parametrize(
    "address",
    ["64:ff9b:1::a00:1", "fec0::1", "::ffff:10.0.0.1", "::7f00:1", "5f00::1", "3fff::1", "2002:a00:1::", "192.0.0.192"],
)
def test_a_name_that_came_to_stand_for_another_address_is_not_called(address: str) -> None:
    """It was admitted while it stood for one of the open Internet."""
    with make_http() as http:
        caller = Caller(http=http, private_allowed=False, resolve=lambda _host, _port: ["8.8.8.8", address])
        with pytest.raises(NotCalled) as failed, caller.post("https://carrier.example/", b"", {}):
            pass
    assert failed.value.code == "private-address"
