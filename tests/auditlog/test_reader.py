"""A reader bounds what a log may cost it: bytes, time and attempts."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from auditlog.errors import LogRefused, LogUnreachable
from auditlog.reader import LogReader
from crypto.tlog.tiles import Tile


class Pieces(httpx.SyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


class Answering(httpx.BaseTransport):
    """Answers each request with the next of these: an error, a status, or the pieces of a body."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        del request
        answer = self.answers.pop(0)
        if isinstance(answer, int):
            return httpx.Response(answer, stream=httpx.ByteStream(b""))
        if isinstance(answer, type):
            raise answer("cut by the test")
        return httpx.Response(200, stream=Pieces(answer))


def reading(*answers: Any, monotonic: Callable[..., Any] = lambda: 0.0) -> LogReader:
    http = httpx.Client(transport=Answering(*answers))
    return LogReader("https://log.test/2026", http, sleep=lambda seconds: None, monotonic=monotonic)


@pytest.mark.parametrize("trouble", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, 502, 503, 504])
def test_what_may_pass_is_tried_again(trouble: type[httpx.TransportError] | int) -> None:
    with reading(trouble, trouble, [b"note"]) as reader:
        assert reader.checkpoint() == b"note"


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (httpx.ConnectError, "not reachable"),
        (httpx.ReadTimeout, "no answer in time"),
        (httpx.RemoteProtocolError, r"the connection failed \(RemoteProtocolError\)"),
        (503, "answered with 503"),
    ],
)
def test_what_does_not_pass_is_out_of_reach(trouble: type[httpx.TransportError] | int, said: str) -> None:
    with reading(*[trouble] * 4) as reader, pytest.raises(LogUnreachable, match=said):
        reader.checkpoint()


@pytest.mark.parametrize("status", [301, 400, 401, 403, 429, 500])
def test_any_other_answer_is_final(status: int) -> None:
    with reading(status) as reader, pytest.raises(LogRefused, match=f"answer-unusable.* {status}"):
        reader.checkpoint()


def test_an_answer_without_end_is_cut() -> None:
    with reading(itertools.repeat(b"x" * 65536)) as reader, pytest.raises(LogRefused, match="answer-too-long"):
        reader.checkpoint()


def test_an_answer_that_drips_is_given_up() -> None:
    seconds = itertools.count(step=50)
    dripping = [itertools.repeat(b"x")] * 4
    with reading(*dripping, monotonic=lambda: next(seconds)) as reader, pytest.raises(LogUnreachable, match="in time"):
        reader.checkpoint()


def test_what_is_not_there_is_none_for_what_may_be_missing() -> None:
    with reading(404, 404, 404, 404) as reader:
        assert (reader.candidate(), reader.witnessed(), reader.policy(), reader.consistency(1, 2)) == (None,) * 4


@pytest.mark.parametrize("body", [b"x\n", b"\xff", b"AAAA\n", b"A" * 44 + b"=\n"])
def test_a_proof_that_is_no_list_of_hashes_is_refused(body: bytes) -> None:
    with reading([body]) as reader, pytest.raises(LogRefused, match="malformed"):
        reader.consistency(1, 2)


def test_a_whole_bundle_that_cannot_be_cut_is_none() -> None:
    with reading(404, [b"\x00"]) as reader:
        assert reader.bundle(Tile(level=0, index=0, width=3)) is None
    with reading(404, 404) as reader:
        assert reader.bundle(Tile(level=0, index=0, width=3)) is None


def test_a_tile_that_is_not_there_is_told_by_its_path() -> None:
    with reading(404) as reader, pytest.raises(LogRefused, match=r"not-served.*tile/0/001"):
        reader.tiles([Tile(level=0, index=1, width=256)])
