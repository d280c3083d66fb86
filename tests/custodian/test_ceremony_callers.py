"""A custodian asks its peers without waiting for a slow one, and takes no more of an answer than it may have."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from custodian.ceremonies.peers import Heard, PeerCaller, PeerFailed, Peers
from custodian.settings import Peer
from tests.support.ceremonies import body
from tests.support.world import Clock

ID = "0" * 64
SIGNER = body("custodian-1").signer


@dataclass
class Seconds:
    """A monotonic clock that the test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Odd(httpx.BaseTransport):
    """A peer that answers as it likes."""

    answer: Callable[[httpx.Request], httpx.Response]
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)


@dataclass
class Pieces(httpx.SyncByteStream):
    """An answer that comes in pieces."""

    pieces: Iterator[bytes]

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces


def caller(name: str, odd: Odd, seconds: Seconds) -> PeerCaller:
    peer = Peer(custodian=name, url=f"https://{name}.test", key_id=f"{name}-1", public_key=bytes(32))
    return PeerCaller(peer, SIGNER, clock=Clock(), monotonic=seconds, random=os.urandom, transport=odd)


def missing(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404, stream=httpx.ByteStream(b""))


def test_a_slow_peer_keeps_nobody_waiting_and_is_named_in_the_end() -> None:
    seconds, wakes = Seconds(), threading.Event()

    def sleeps(request: httpx.Request) -> httpx.Response:
        assert wakes.wait(10)
        return missing(request)

    slow, quick = Odd(sleeps), Odd(missing)
    callers = {name: caller(name, odd, seconds) for name, odd in (("custodian-2", slow), ("custodian-3", quick))}
    peers = Peers(callers, monotonic=seconds)
    wanted = [(name, ID) for name in callers]
    for _ in range(3):
        assert peers.hear(wanted, patience_seconds=0.2) == [Heard(peer="custodian-3", ceremony=ID)]
    seconds.now = 21.0
    heard = peers.hear(wanted, patience_seconds=0.2)
    assert Heard(peer="custodian-2", ceremony=ID, failure="gives no answer in time") in heard
    # It is asked again after a rest, and answers.
    wakes.set()
    assert [each.peer for each in peers.hear(wanted, patience_seconds=0.2)] == ["custodian-3"]
    seconds.now = 22.0
    assert {each.peer for each in peers.hear(wanted, patience_seconds=5)} == {"custodian-2", "custodian-3"}
    assert (len(slow.asked), len(quick.asked)) == (2, 6)
    peers.close()


def test_an_answer_that_comes_byte_by_byte_is_cut_off() -> None:
    seconds = Seconds()

    def drip() -> Iterator[bytes]:
        while True:
            seconds.now += 3
            yield b" "

    odd = Odd(lambda _: httpx.Response(200, stream=Pieces(drip())))
    with pytest.raises(PeerFailed, match="gives no answer in time"):
        caller("custodian-2", odd, seconds).minutes(ID)
    assert seconds.now < 30


@pytest.mark.parametrize(
    ("failure", "word"),
    [
        (httpx.ReadTimeout("slow"), "gives no answer in time"),
        (httpx.ConnectError("secret words"), "cannot be reached \\(ConnectError\\)$"),
        (httpx.RemoteProtocolError("secret words"), "cannot be reached \\(RemoteProtocolError\\)$"),
    ],
)
def test_a_peer_out_of_reach_is_one_line_without_its_words(failure: Exception, word: str) -> None:
    def fails(_: httpx.Request) -> httpx.Response:
        raise failure

    with pytest.raises(PeerFailed, match=word):
        caller("custodian-2", Odd(fails), Seconds()).offered()


@pytest.mark.parametrize(("status", "word"), [(401, "does not let this custodian in"), (503, "answers 503")])
def test_a_refusal_is_told_by_its_status(status: int, word: str) -> None:
    odd = Odd(lambda _: httpx.Response(status, stream=httpx.ByteStream(b"whatever")))
    with pytest.raises(PeerFailed, match=word):
        caller("custodian-2", odd, Seconds()).minutes(ID)
    (asked,) = odd.asked
    assert asked.headers["Accept-Encoding"] == "identity"
    assert str(asked.url) == f"https://custodian-2.test/v1/ceremonies/{ID}"
