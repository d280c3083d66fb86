"""Starts what is compared, each as real processes on loopback: the registry, the peer, and bare Flask."""

import asyncio
import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from client.peer import Signer
from crypto.signing.http_message import content_digest, sign_request
from protocol.codes import ServiceClass
from protocol.encodings import canonical_json
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import write
from registry.settings import load
from registry.wiring import build_registry
from tests.support.mass import many_tokens, report_all
from tests.support.one_registry import OneRegistry, now, one_registry
from tests.support.world import Clock, World

ROOT: Final = Path(__file__).resolve().parents[2]
PEERS: Final = ROOT / "benchmarks" / "peers"
PEER_PYTHON: Final = ROOT / ".venv" / "peers" / "bin" / "python"
HITS: Final = 3
"""One in so many applicants has a record."""
WORKERS: Final = 2
THREADS: Final = 16
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One thing that is compared: where it listens, its process, and fresh requests for a round."""

    name: str
    port: int
    pid: int
    requests: Callable[[int], Sequence[bytes]]


@contextmanager
def registry(name: str, folder: Path, database_url: str, records: int) -> Iterator[Server]:
    """Our registry under gunicorn with its worker beside it, and that many records in force."""
    workers = 1 if database_url.startswith("sqlite") else WORKERS
    with one_registry(
        folder, database_url=database_url, workers=workers, threads=THREADS, more="prepared_statements = true\n"
    ) as here:
        subjects = list(many_tokens(records * HITS))
        fill(here, subjects[::HITS])
        if workers > 1:
            here.servers.start("worker", ["registry", "worker", "--config", str(here.config)])
        child = here.servers.child("registry")
        port = int(here.url.rpartition(":")[2])
        signed = Inquiries(here.url, here.signer("carrier-b"), subjects)
        yield Server(name=name, port=port, pid=child.process.pid, requests=signed.take)


def fill(here: OneRegistry, subjects: list[SubjectTokens]) -> None:
    """List a record for each of the subjects, without the server."""
    filling = build_registry(load(here.config, {}))
    try:
        report_all(World(filling, Clock(now()), {}), "carrier-a", subjects, "benchmark")
    finally:
        filling.store.close()


class Inquiries:
    """Signs inquiries about subjects in an order that repeats none before all were asked about."""

    def __init__(self, url: str, signer: Signer, subjects: Sequence[SubjectTokens]) -> None:
        self._url = f"{url}/v1/inquiries"
        self._signer = signer
        self._subjects = subjects
        self._taken = 0

    def take(self, count: int) -> list[bytes]:
        """Make so many requests; they are good for five minutes."""
        start, self._taken = self._taken, self._taken + count
        # 7,919 is prime: neighbours in the table do not follow each other.
        return [
            self._one(number, self._subjects[number * 7_919 % len(self._subjects)])
            for number in range(start, start + count)
        ]

    def _one(self, number: int, tokens: SubjectTokens) -> bytes:
        request = InquiryRequest(inquiry_ref=f"order-{number}", tokens=tokens, service_class=ServiceClass.MOBILE)
        body = canonical_json(write(request))
        headers = sign_request(
            method="POST",
            target_uri=self._url,
            content_type="application/json",
            content_digest=content_digest(body),
            key_id=self._signer.key_id,
            private_key=self._signer.private_key,
            created=now(),
            nonce=os.urandom(16).hex(),
            idempotency_key=f"order-{number}-{os.urandom(4).hex()}",
        )
        return post_bytes("/v1/inquiries", body, headers)


@contextmanager
def peer(dsn: str, records: int) -> Iterator[Server]:
    """FastAPI, uvicorn and asyncpg on a database with as many debts."""
    subjects = [hashlib.sha256(str(number).encode()).digest() for number in range(records * HITS)]
    _fill_peer(dsn, subjects[::HITS])
    port = _free_port()
    command = [str(PEER_PYTHON), "-m", "uvicorn", "fast_api:app", "--port", str(port), "--workers", str(WORKERS)]
    with _running([*command, "--no-access-log", "--log-level", "warning"], port, {"PEER_DSN": dsn}) as pid:
        yield Server(name="peer", port=port, pid=pid, requests=_Plain(subjects).take)


def _fill_peer(dsn: str, subjects: Sequence[bytes]) -> None:
    script = PEERS / "fill.py"
    subprocess.run([str(PEER_PYTHON), str(script), dsn], input=b"".join(subjects), check=True, timeout=600)  # noqa: S603 - our own script


class _Plain:
    """Unsigned questions about digests."""

    def __init__(self, subjects: Sequence[bytes]) -> None:
        self._subjects = subjects
        self._taken = 0

    def take(self, count: int) -> list[bytes]:
        start, self._taken = self._taken, self._taken + count
        return [
            post_bytes(
                "/check",
                b'{"id_hash":"%b","service":"MOBILE"}' % asked.hex().encode(),
                {"Content-Type": "application/json"},
            )
            for asked in (self._subjects[each * 7_919 % len(self._subjects)] for each in range(start, start + count))
        ]


@contextmanager
def bare_flask() -> Iterator[Server]:
    """The same gunicorn with an application that does nothing."""
    port = _free_port()
    options = [
        "-k",
        "gthread",
        "-w",
        str(WORKERS),
        "--threads",
        str(THREADS),
        "-b",
        f"127.0.0.1:{port}",
        "--keep-alive",
        "15",
    ]
    with _running(
        [sys.executable, "-m", "gunicorn", *options, "--log-level", "warning", "bare_flask:app"], port, {}
    ) as pid:
        yield Server(name="bare-flask", port=port, pid=pid, requests=_Plain([bytes(32)]).take)


@contextmanager
def _running(command: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    process = subprocess.Popen(command, cwd=PEERS, env=os.environ | environment)  # noqa: S603 - our own servers
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not asyncio.run(_listens(port)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[2]} did not start")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def post_bytes(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Write a whole request as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
