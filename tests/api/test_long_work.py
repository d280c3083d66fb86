"""Long work holds only so many threads: under the real gunicorn, others are served while batches take their time."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import zstandard

from api.limits import limits_for
from api.places import Places
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client, problem
from tests.support.batches import NDJSON, body
from tests.support.builders import tokens
from tests.support.loopback import NO_TLS
from tests.support.serve import THREADS, Served

BATCHES = "/v1/record-batches"
CARRIERS = ("carrier-a", "carrier-b", "carrier-c")


def test_two_threads_stay_free_of_batches_where_there_are_three_or_more() -> None:
    assert [limits_for(threads).batches for threads in (1, 2, 3, 4, 8, 32)] == [1, 1, 1, 2, 6, 30]


def test_places_are_bounded_together_and_for_each_participant_and_given_back_once() -> None:
    places = Places(3, 2)
    first, second = places.for_batch("a"), places.for_batch("a")
    assert first is not None
    assert second is not None
    assert places.for_batch("a") is None
    waiting = places.for_wait()
    assert waiting is not None
    assert places.for_batch("b") is None
    assert places.for_wait() is None
    for _ in range(3):
        waiting.close()
    other = places.for_batch("b")
    assert other is not None
    assert places.for_batch("c") is None


class Stream(io.BytesIO):
    """A request body that begins and goes on when the test lets it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.begun, self.goes_on = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.begun.set()
        assert self.goes_on.wait(20)
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        given = self.read(len(buffer))
        buffer[: len(given)] = given
        return len(given)


def test_a_third_batch_of_one_participant_is_refused_until_one_of_the_two_has_ended(client: Client) -> None:
    raw = body(3)
    streams = [Stream(raw), Stream(raw)]
    answers: list[int] = []

    def send(stream: Stream) -> None:
        headers = client.signed("carrier-a", "POST", BATCHES, raw, content_type=NDJSON)
        given = client.app.test_client().open(
            BATCHES, method="POST", headers=headers, input_stream=stream, content_length=len(raw), buffered=True
        )
        answers.append(given.status_code)

    senders = [threading.Thread(target=send, args=(each,)) for each in streams]
    for sender, stream in zip(senders, streams, strict=True):
        sender.start()
        assert stream.begun.wait(20)
    refused = client.batch("carrier-a", raw, key="third")
    assert problem(refused) == (503, "too-many-batches")
    assert refused.headers["Retry-After"] == "5"
    assert client.batch("carrier-b", raw, key="others").status_code == 200
    for sender, stream in zip(senders, streams, strict=True):
        stream.goes_on.set()
        sender.join(20)
    assert answers == [200, 200]
    for number in range(4):  # whatever became of them, no place is lost
        assert problem(client.batch("carrier-a", b"", key=f"empty-{number}")) == (400, "malformed-body")
    assert client.batch("carrier-a", raw, key="third").status_code == 200


def test_batches_of_inquiries_and_withdrawals_of_batches_count_among_them(client: Client) -> None:
    held = [client.app.extensions["clearline"].places.for_batch("carrier-a") for _ in range(2)]
    asked = write(InquiryRequest(inquiry_ref="1", tokens=tokens("x"), service_class=ServiceClass.MOBILE))
    many = {"inquiries": [asked]}
    assert problem(client.post("carrier-a", "/v1/inquiries/batch", many)) == (503, "too-many-batches")
    back = {"reason": "REPORTED_IN_ERROR"}
    assert problem(client.post("carrier-a", f"{BATCHES}/b/withdrawal", back)) == (503, "too-many-batches")
    assert client.post("carrier-a", "/v1/inquiries", asked).status_code == 201
    for each in held:
        each.close()
    assert client.post("carrier-a", "/v1/inquiries/batch", many).status_code == 201


@contextmanager
def begun(served: Served, who: str) -> Iterator[socket.socket]:
    """A signed batch whose body stops after its first bytes."""
    whole = body(20)
    headers = served.signed(who, "POST", BATCHES, whole, content_type=NDJSON)
    headers |= {"Host": "x", "Connection": "close", "Content-Length": str(len(whole))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(f"POST {BATCHES} HTTP/1.1\r\n{head}\r\n".encode() + whole[:100])
        yield connection


def status(connection: socket.socket, seconds: float) -> int | None:
    """The status that comes within the time, if any."""
    connection.settimeout(seconds)
    try:
        return int(connection.recv(4096).split()[1])
    except TimeoutError:
        return None


def inquire(served: Served, number: int) -> float:
    """The seconds that an inquiry takes."""
    asked = InquiryRequest(inquiry_ref=str(number), tokens=tokens(f"asked-{number}"), service_class=ServiceClass.MOBILE)
    start = time.monotonic()
    response = served.send("POST", "/v1/inquiries", httpx.Request("POST", "http://x", json=write(asked)).content)
    assert response.status_code == 201, response.text
    return time.monotonic() - start


def test_slow_batches_hold_no_more_threads_than_they_may_and_inquiries_are_answered(served: Served) -> None:
    may = limits_for(THREADS).batches
    with ExitStack() as open_ones:
        slow = [open_ones.enter_context(begun(served, CARRIERS[place % 3])) for place in range(may)]
        assert [status(each, 0.5) for each in slow] == [None] * may
        for place in range(8):
            with begun(served, CARRIERS[place % 3]) as refused:
                assert status(refused, 10) == 503
        assert max(inquire(served, number) for number in range(10)) < 10
    assert served.send("POST", BATCHES, body(3), content_type=NDJSON).status_code == 200


@pytest.mark.parametrize("line", [b"\n", b"x\n", b" \r\n"])
def test_eight_signed_requests_of_fifty_bytes_do_not_stop_the_registry(served: Served, line: bytes) -> None:
    bombed = zstandard.ZstdCompressor(level=19).compress(line * (1024 * 1024 // len(line)))
    assert len(bombed) <= 100
    found: list[int] = []

    def bomb(who: str) -> None:
        headers = served.signed(who, "POST", BATCHES, bombed, content_type=NDJSON, encoding="zstd")
        response = httpx.post(
            f"http://127.0.0.1:{served.port}{BATCHES}", headers=headers, content=bombed, timeout=60, verify=NO_TLS
        )
        found.append(response.status_code)

    senders = [threading.Thread(target=bomb, args=(CARRIERS[place % 3],)) for place in range(8)]
    for each in senders:
        each.start()
    assert max(inquire(served, number) for number in range(5)) < 10
    for each in senders:
        each.join(60)
    assert len(found) == 8
    assert set(found) <= {200, 400, 503}


def test_the_bare_server_bears_fewer_slow_clients_than_it_has_threads(served: Served) -> None:
    """What docs/runbooks/embedded.md says of a registry without its front."""

    def answers(path: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{served.port}{path}", timeout=3, verify=NO_TLS).status_code == 200
        except httpx.TimeoutException:
            return False

    with ExitStack() as open_ones:
        for count in range(1, THREADS + 1):
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=10))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nX")
            time.sleep(0.2)
            assert answers("/openapi.json") is (count < THREADS)
            # A monitor's threads are its own, and take no question that has not come whole.
            assert answers("/healthz")
            assert answers("/readyz")
    assert answers("/openapi.json")
