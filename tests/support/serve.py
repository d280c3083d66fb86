"""The registry's real server as a process that a test may ask and stop."""

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.loopback import NO_TLS
from tests.support.world import World, found_world

SCRIPT = """
import sys, datetime, os
from dataclasses import replace
from api.app import create_app
from api.limits import limits_for
from api.serve import ServeSettings, serve
from registry.policy.clock import DEFAULT_CLOCK_TERMS
from registry.policy.rules import DEFAULT_RULES
from registry.store.engines import make_engines
from registry.store.transactions import Store
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
        with httpx.Client(timeout=60, verify=NO_TLS) as client:
            return client.request(method, url, headers=headers, content=data)

    def raw(self, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65_536):
                received += piece
            return received


def wait_until_ready(port: int, log: Path) -> None:
    for _ in range(150):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", verify=NO_TLS).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextmanager
def serving(template: Path, folder: Path) -> Iterator[Served]:
    shutil.copyfile(template, folder / "registry.db")
    database = f"sqlite:///{folder / 'registry.db'}"
    engines = make_engines(database)
    world = found_world(Store(engines), at=dt.datetime.now(dt.UTC))
    engines.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = "https://registry.example", folder / "log"
    script = folder / "serve_it.py"
    script.write_text(SCRIPT.replace("THREADS", str(THREADS)))
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
