"""The application under the real gunicorn: what Werkzeug's test client cannot show."""

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.api.test_batches import body
from tests.world import World, found_world

SCRIPT = """
import sys, datetime, os
from dataclasses import replace
from api.app import create_app
from api.limits import limits_for
from api.serve import ServeSettings, serve
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.policy.rules import DEFAULT_RULES


from registry.usecases.clock.guard import ClockGuard
from registry.wiring import system_sources
from registry.usecases.context import LogIdentity, Registry, RegistryKeys
from crypto.signing.keys import generate_signing_key, public_bytes

url, listen, database = sys.argv[1:]

def make():
    return create_app(Registry(
        name="served", public_url=url, store=Store(make_engines(database)),
        keys=RegistryKeys(peppers={1: bytes(32)}, key_encryption_keys={1: bytes(32)},
                          current_key_encryption_epoch=1, signing_key_id="registry-1",
                          signing_key=generate_signing_key(os.urandom)),
        log=LogIdentity(name="served/log", public_key=public_bytes(generate_signing_key(os.urandom))),
        founding_rules=DEFAULT_RULES, clock=lambda: datetime.datetime.now(datetime.UTC),
        guard=ClockGuard(system_sources(), DEFAULT_CLOCK_TERMS), random=os.urandom),
        limits_for(THREADS))

serve(ServeSettings(listen=listen, threads=THREADS, graceful_timeout=5), make)
"""
THREADS = 4
SCRIPT = SCRIPT.replace("THREADS", str(THREADS))


@dataclass
class Served:
    process: subprocess.Popen[bytes]
    port: int
    url: str
    world: World
    log: Path

    def signed(self, who: str, method: str, path: str, data: bytes | None, **more: str) -> dict[str, str]:
        return sign_request(
            method=method,
            target_uri=self.url + path,
            content_type=more.get("content_type", "application/json") if data is not None else None,
            content_digest=None if data is None else content_digest(data),
            content_encoding=more.get("encoding"),
            idempotency_key=os.urandom(8).hex() if method == "POST" else None,
            key_id=f"{who}-1",
            private_key=self.world.signing_keys[who],
            created=self.world.clock.now.replace(microsecond=0),
            nonce=os.urandom(12).hex(),
        )

    def send(self, method: str, path: str, data: bytes | None = None, **more: str) -> httpx.Response:
        headers = self.signed("carrier-a", method, path, data, **more)
        url = f"http://127.0.0.1:{self.port}{path}"
        with httpx.Client(timeout=60) as client:
            return client.request(method, url, headers=headers, content=data)

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65_536):
                received += piece
            return received


@pytest.fixture(scope="module")
def served(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(empty_database, folder / "registry.db")
    database = f"sqlite:///{folder / 'registry.db'}"
    engines = make_engines(database)
    world = found_world(Store(engines), at=dt.datetime.now(dt.UTC))
    engines.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = "https://registry.example", folder / "log"
    script = folder / "serve_it.py"
    script.write_text(SCRIPT)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(script), url, f"127.0.0.1:{port}", database],
            stderr=output,
            stdout=output,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        )
    try:
        wait_until_ready(port, log)
        yield Served(process, port, url, world, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def wait_until_ready(port: int, log: Path) -> None:
    for _ in range(150):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


def test_a_signed_query_is_verified_from_the_raw_target(served: Served):
    assert served.send("GET", "/v1/participants?limit=2").json()["next"] == "carrier-b"
    assert served.send("GET", "/v1/participants?after=carrier%2Da&limit=1").json()["next"] == "carrier-b"
    assert served.send("GET", "/v1/par%74icipants?").status_code == 200


def test_no_other_spelling_of_the_path_is_served(served: Served):
    for path in ("//v1/rules", "/v1//rules", "/v1/./rules"):
        with httpx.Client() as client:
            assert client.get(f"http://127.0.0.1:{served.port}{path}").status_code == 401, path


def test_a_header_cannot_move_the_application(served: Served):
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
def test_what_is_no_http_is_refused_without_repeating_it(served: Served, request_bytes: bytes):
    received = served.raw(request_bytes)
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.split()[1] in (b"400", b"401"), received
    assert b"application/problem+json" in head
    assert b"MARK-7731" not in content
    assert "MARK-7731" not in served.log.read_text()


def test_a_batch_streams_through_and_the_log_names_routes_only(served: Served):
    response = served.send("POST", "/v1/record-batches", body(600), content_type="application/x-ndjson")
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.text.splitlines()[-1] == '{"chunks":2,"end":true,"rows":600}'
    reference = "0123456789abcdefghijkl"
    assert served.send("GET", f"/v1/quotes/{reference}").status_code == 404
    log = served.log.read_text()
    assert "/v1/quotes/<reference:reference>" in log
    assert reference not in log
    assert "limit=" not in log


def test_a_chunked_body_is_read_and_bounded(served: Served):
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
    with httpx.Client() as client:
        url = f"http://127.0.0.1:{served.port}/v1/records"
        assert client.post(url, headers=headers, content=pieces()).status_code == 413
