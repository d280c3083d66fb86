"""The application under the real gunicorn: what Werkzeug's test client cannot show."""

import os
from collections.abc import Iterator

import httpx
import pytest

from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from tests.support.batches import body
from tests.support.loopback import NO_TLS
from tests.support.serve import Served


def test_a_signed_query_is_verified_from_the_raw_target(served: Served) -> None:
    assert served.send("GET", "/v1/participants?limit=2").json()["next"] == "carrier-b"
    assert served.send("GET", "/v1/participants?after=carrier%2Da&limit=1").json()["next"] == "carrier-b"
    assert served.send("GET", "/v1/par%74icipants?").status_code == 200


def test_no_other_spelling_of_the_path_is_served(served: Served) -> None:
    for path in ("//v1/rules", "/v1//rules", "/v1/./rules"):
        with httpx.Client(verify=NO_TLS) as client:
            assert client.get(f"http://127.0.0.1:{served.port}{path}").status_code == 401, path


def test_a_header_cannot_move_the_application(served: Served) -> None:
    for name in ("SCRIPT_NAME", "Script-Name", "X-Forwarded-Proto", "X-Script-Name"):
        head = f"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: /v1\r\n\r\n".encode()
        assert served.raw(head).split(b"\r\n")[0].split()[1] in (b"200", b"400"), name


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /MARK-7731\x00 HTTP/1.1\r\n\r\n",
        b"MARK-7731\r\n\r\n",
        b"GET / HTTP/1.1\r\nMARK-7731 x: y\r\n\r\n",
        b"GET / HTTP/9.9-MARK-7731\r\n\r\n",
        b"GET /" + b"MARK-7731" * 1_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"MARK-7731" * 2_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: MARK-7731\r\n" % n for n in range(200)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: MARK-7731\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: MARK-7731\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET http://evil.test/MARK-7731 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_without_repeating_it(served: Served, request_bytes: bytes) -> None:
    received = served.raw(request_bytes)
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.split()[1] in (b"400", b"401"), received
    assert b"application/problem+json" in head
    assert b"MARK-7731" not in content
    assert "MARK-7731" not in served.log.read_text()


def test_a_batch_streams_through_and_the_log_names_routes_only(served: Served) -> None:
    response = served.send("POST", "/v1/record-batches", body(600), content_type="application/x-ndjson")
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.text.splitlines()[-1] == '{"chunks":2,"end":true,"rows":600}'
    reference = "0123456789abcdefghijkl"
    assert served.send("GET", f"/v1/quotes/{reference}").status_code == 404
    log = served.log.read_text()
    assert "/v1/quotes/<reference:reference>" in log
    assert reference not in log
    assert "limit=" not in log


def test_a_chunked_body_is_read_and_bounded(served: Served) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    whole = b"".join(pieces())
    headers = sign_request(
        method="POST",
        target_uri=served.url + "/v1/records",
        content_type="application/json",
        content_digest=content_digest(whole),
        idempotency_key="chunked",
        key_id="carrier-a-1",
        private_key=served.world.signing_keys["carrier-a"],
        created=served.world.clock.now.replace(microsecond=0),
        nonce=os.urandom(12).hex(),
    )
    with httpx.Client(verify=NO_TLS) as client:
        url = f"http://127.0.0.1:{served.port}/v1/records"
        assert client.post(url, headers=headers, content=pieces()).status_code == 413
