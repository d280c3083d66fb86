"""Kept connections: reused, replaced when dead, never shared; a request is repeated only where that is safe."""

import os
import re
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from client.connections import KEEP_SECONDS, AddressUnusable, Connections
from client.peer import SignedPeer, Signer
from client.sending import AnswerTooLong, ConnectionStale, PeerSilent, Received
from crypto.signing.keys import generate_signing_key
from serving.clock import system_clock
from tests.support.local import a_certificate
from tests.support.scripted_server import CLOSE, EARLY, READ_AND_CLOSE, ScriptedServer, answer, scripted

PLAIN = ssl.create_default_context()
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"


@contextmanager
def connected(url: str, *, seconds: float = 5, tls: ssl.SSLContext = PLAIN, **more: Any) -> Iterator[Connections]:
    connections = Connections(url, seconds=seconds, tls=tls, **{"monotonic": time.monotonic, **more})
    try:
        yield connections
    finally:
        connections.close()


def get(connections: Connections, server: ScriptedServer, path: str = "/x", *, most: int = 1000) -> Received:
    return connections.send("GET", server.url + path, headers={}, body=None, max_answer=most)


def a_peer(connections: Connections, server: ScriptedServer) -> SignedPeer:
    key = generate_signing_key(os.urandom)
    return SignedPeer(
        server.url, connections, Signer(key_id="a-1", private_key=key, clock=system_clock, random=os.urandom)
    )


def nonces(requests: list[bytes]) -> set[bytes]:
    return {found[1] for each in requests if (found := re.search(rb'nonce="([^"]+)"', each)) is not None}


def wait_for_the_end(server: ScriptedServer) -> None:
    assert server.closed.wait(10)
    time.sleep(0.05)


def test_requests_that_follow_each_other_use_one_connection() -> None:
    with scripted([answer(b"1"), answer(b"2"), answer(b"3")]) as server, connected(server.url) as connections:
        assert [get(connections, server).body for _ in range(3)] == [b"1", b"2", b"3"]
    assert [len(each) for each in server.requests] == [3]


def test_a_request_is_written_once_and_whole() -> None:
    with scripted([answer()]) as server, connected(server.url) as connections:
        connections.send(
            "POST", f"{server.url}/v1/x?y=1", headers={"Content-Type": "text/plain"}, body=b"hello", max_answer=10
        )
    (sent,) = server.requests[0]
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert (lines[0], body) == ("POST /v1/x?y=1 HTTP/1.1", b"hello")
    expected = {f"Host: 127.0.0.1:{server.port}", "Content-Type: text/plain", "Content-Length: 5"}
    assert expected | {"Accept-Encoding: identity"} <= set(lines[1:])
    assert len({each.partition(":")[0].lower() for each in lines[1:]}) == len(lines[1:])


def test_a_connection_that_the_server_closed_while_it_was_unused_is_replaced_unseen() -> None:
    with scripted([answer(b"1"), CLOSE], [answer(b"2")]) as server, connected(server.url) as connections:
        get(connections, server)
        wait_for_the_end(server)
        assert get(connections, server).body == b"2"
    assert [len(each) for each in server.requests] == [1, 1]


def test_a_connection_that_was_unused_for_long_is_not_used_again() -> None:
    now = [0.0]
    with (
        scripted([answer(b"1"), answer(b"old")], [answer(b"2")]) as server,
        connected(server.url, monotonic=lambda: now[0]) as connections,
    ):
        get(connections, server)
        now[0] += KEEP_SECONDS
        assert get(connections, server).body == b"2"


def test_bytes_that_answer_nothing_are_never_taken_for_an_answer() -> None:
    smuggled = answer(b"1") + answer(b"another's")
    with scripted([smuggled], [answer(b"2")]) as server, connected(server.url) as connections:
        assert get(connections, server).body == b"1"
        assert get(connections, server).body == b"2"


def test_what_changes_nothing_is_sent_again_under_a_fresh_nonce_where_a_kept_connection_is_dead() -> None:
    scripts = [answer(b"1"), READ_AND_CLOSE], [answer(b"2")]
    with scripted(*scripts) as server, connected(server.url) as connections:
        peer = a_peer(connections, server)
        assert [peer.exchange("GET", "/x", max_answer=10).body for _ in range(2)] == [b"1", b"2"]
    assert len(nonces([*server.requests[0], *server.requests[1]])) == 3


def test_what_carries_an_idempotency_key_is_sent_again_under_that_key() -> None:
    scripts = [answer(b"1"), READ_AND_CLOSE], [answer(b"2")]
    with scripted(*scripts) as server, connected(server.url) as connections:
        peer = a_peer(connections, server)
        peer.exchange("GET", "/x", max_answer=10)
        again = peer.exchange("POST", "/x", body=b"{}", idempotency_key="k" * 22, max_answer=10)
    assert again.body == b"2"
    lost, repeated = server.requests[0][1], server.requests[1][0]
    assert b"Idempotency-Key: " + b"k" * 22 in lost
    assert b"Idempotency-Key: " + b"k" * 22 in repeated
    assert len(nonces([lost, repeated])) == 2


def test_what_has_no_key_is_never_sent_again() -> None:
    scripts = [answer(b"1"), READ_AND_CLOSE], [answer(b"2")]
    with scripted(*scripts) as server, connected(server.url) as connections:
        peer = a_peer(connections, server)
        peer.exchange("GET", "/x", max_answer=10)
        with pytest.raises(PeerSilent, match="the connection failed"):
            peer.exchange("POST", "/x", body=b"{}", max_answer=10)
        assert len(server.requests) == 1
        assert peer.exchange("POST", "/x", body=b"{}", max_answer=10).body == b"2"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_peer_that_dies_within_its_answer_is_silent_and_nothing_is_sent_again(method: str) -> None:
    with scripted([answer(b"1"), CUT, CLOSE], [answer(b"2")]) as server, connected(server.url) as connections:
        peer = a_peer(connections, server)
        body = None if method == "GET" else b"{}"
        peer.exchange("GET", "/x", max_answer=1000)
        with pytest.raises(PeerSilent, match="the connection failed") as silent:
            peer.exchange(method, "/x", body=body, idempotency_key="k" * 22, max_answer=1000)
        assert not isinstance(silent.value, ConnectionStale)
        assert len(server.requests) == 1
        assert peer.exchange("GET", "/x", max_answer=1000).body == b"2"


def test_a_new_connection_that_ends_without_an_answer_is_silence_and_no_stale_one() -> None:
    with scripted([READ_AND_CLOSE], [answer()]) as server, connected(server.url) as connections:
        with pytest.raises(PeerSilent, match="the connection failed") as silent:
            get(connections, server)
        assert not isinstance(silent.value, ConnectionStale)


def test_one_dead_connection_takes_the_unused_others_with_it() -> None:
    script = [answer(b"1"), READ_AND_CLOSE]
    with scripted(script, script, [answer(b"2")]) as server, connected(server.url) as connections:
        both = threading.Barrier(2)

        def ask(_: int) -> None:
            both.wait(10)
            get(connections, server)

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(ask, range(2)))
        with pytest.raises(ConnectionStale):
            get(connections, server)
        assert get(connections, server).body == b"2"


def test_a_late_answer_meets_no_later_request() -> None:
    with scripted([b"", answer(b"late")], [answer(b"2")]) as server, connected(server.url, seconds=0.2) as connections:
        with pytest.raises(PeerSilent, match="no answer in time"):
            get(connections, server)
        assert get(connections, server).body == b"2"


def test_threads_never_share_a_connection() -> None:
    with scripted(*[[answer(str(n).encode())] * 40 for n in range(8)]) as server, connected(server.url) as connections:
        begun = threading.Barrier(4)

        def ask(_: int) -> list[bytes]:
            begun.wait(10)
            return [get(connections, server).body for _ in range(40)]

        with ThreadPoolExecutor(4) as threads:
            bodies = [body for each in threads.map(ask, range(4)) for body in each]
        assert len(bodies) == 160
        assert sum(len(each) for each in server.requests) == 160
        assert len(server.requests) <= 4


def test_a_refusal_that_comes_before_the_end_of_a_long_body_is_read() -> None:
    refusal = answer(b"no", "Connection: close", status="413 Content Too Large")
    with scripted([EARLY, refusal]) as server, connected(server.url) as connections:
        # The server reads nothing more, so that sending would block: it closes while the body is on its way.
        threading.Timer(0.2, server.stop).start()
        received = connections.send("POST", f"{server.url}/x", headers={}, body=b"x" * 20_000_000, max_answer=10)
    assert (received.status, received.body) == (413, b"no")


@pytest.mark.parametrize(
    ("said", "body", "is_kept"),
    [
        (answer(b"abc"), b"abc", True),
        (answer(b"abc", "Connection: Keep-Alive"), b"abc", True),
        (answer(b"abc", "Connection: x, Close"), b"abc", False),
        (answer(b"abc").replace(b"HTTP/1.1", b"HTTP/1.0"), b"abc", False),
        (b"HTTP/1.1 204\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + answer(b"abc"), b"abc", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n02\r\nde\r\n0\r\n\r\n", b"abcde", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest: x\r\n\r\n", b"", True),
    ],
)
def test_an_answer_has_its_end_and_tells_whether_another_may_follow(said: bytes, body: bytes, is_kept: bool) -> None:
    with scripted([said, answer(b"same")], [answer(b"other")]) as server, connected(server.url) as connections:
        assert get(connections, server).body == body
        assert get(connections, server).body == (b"same" if is_kept else b"other")


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    with scripted([b"HTTP/1.1 200 OK\r\n\r\nabc", CLOSE]) as server, connected(server.url) as connections:
        assert get(connections, server).body == b"abc"


def test_fields_are_found_in_any_case_and_repeated_ones_are_joined() -> None:
    said = answer(b"", "Signature: a", "X-Y:  padded\t", "SIGNATURE: b")
    with scripted([said]) as server, connected(server.url) as connections:
        headers = get(connections, server).headers
    assert (headers["signature"], headers.get("Signature"), headers["x-Y"]) == ("a, b", "a, b", "padded")
    assert ("Other" in headers, headers.get("Other", "none")) == (False, "none")
    assert set(headers) == {"content-length", "signature", "x-y"}


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example ESMTP\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSpace : a\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + (b"X: " + b"y" * 1000 + b"\r\n") * 70,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 103 Hints\r\n\r\n" * 20,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    ],
)
def test_what_is_no_answer_is_silence_and_its_connection_is_closed(said: bytes) -> None:
    with scripted([said], [answer(b"2")]) as server, connected(server.url) as connections:
        with pytest.raises(PeerSilent, match=r"the connection failed \(AnswerMalformed\)"):
            get(connections, server)
        assert get(connections, server).body == b"2"


@pytest.mark.parametrize(
    "said",
    [
        answer(b"x" * 11),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n6\r\n123456\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n" + b"x" * 11,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 11,
    ],
)
def test_no_more_is_read_than_was_agreed(said: bytes) -> None:
    with scripted([said], [answer(b"2")]) as server, connected(server.url) as connections:
        with pytest.raises(AnswerTooLong):
            get(connections, server, most=10)
        assert get(connections, server).body == b"2"


def test_nobody_at_the_address_is_not_reachable() -> None:
    with scripted() as server:
        url = server.url
    with connected(url) as connections, pytest.raises(PeerSilent, match="not reachable"):
        connections.send("GET", f"{url}/x", headers={}, body=None, max_answer=1)


def test_over_tls_only_a_trusted_certificate_is_believed(tmp_path: Path) -> None:
    files = a_certificate(tmp_path / "tls")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(files.certificate, files.key)
    trusting = ssl.create_default_context(cafile=str(files.certificate))
    with (
        scripted([answer(b"1"), answer(b"2"), CLOSE], [answer(b"3")], tls=serving) as server,
        connected(server.url, tls=trusting) as connections,
    ):
        assert [get(connections, server).body for _ in range(2)] == [b"1", b"2"]
        wait_for_the_end(server)
        assert get(connections, server).body == b"3"
    with (
        scripted([answer()], tls=serving) as server,
        connected(server.url) as connections,
        pytest.raises(PeerSilent, match="not reachable"),
    ):
        get(connections, server)


@pytest.mark.parametrize(
    "url",
    ["ftp://a", "http://", "http://a:x", "http://user@a", "http://a/?q", "a.example", "http://[::1", "https://a#b"],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(AddressUnusable):
        Connections(url, seconds=1, tls=PLAIN, monotonic=time.monotonic)


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("http://other.example/x", {}),
        ("http://127.0.0.1:1", {}),
        ("http://127.0.0.1:1/a b", {}),
        ("http://127.0.0.1:1/a\r\nX: y", {}),
        ("http://127.0.0.1:1/ä", {}),
        ("http://127.0.0.1:1/", {"X": "a\nb"}),
        ("http://127.0.0.1:1/", {"X": "a\rb"}),
    ],
)
def test_a_request_that_would_say_something_else_is_never_sent(target: str, headers: dict[str, str]) -> None:
    with connected("http://127.0.0.1:1") as connections, pytest.raises(ValueError, match=r"target|line end|ascii"):
        connections.send("GET", target, headers=headers, body=None, max_answer=1)
