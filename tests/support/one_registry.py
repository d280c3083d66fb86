"""One registry as a real process on SQLite, with its operator, carriers and an auditor, who sign as anybody would."""

import datetime as dt
import json
import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.demo.processes import Household
from cli.registry.found import found_once, make_secrets
from cli.registry.founding import read_founding
from cli.registry_calls import Office, Pin
from client.peer import Answer, SignedPeer, Signer
from client.resources import participants
from crypto.oprf.group import multiply_base, random_scalar
from crypto.signing.keys import generate_signing_key, load_private_key, public_bytes, save_private_key
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from crypto.tlog.keys import SignatureKind, VerifierKey
from protocol.codes import Role
from protocol.encodings import b64url_encode, canonical_json
from protocol.messages.participants import NewParticipant
from protocol.messages.records import RecordReport
from protocol.wire.codec import write
from registry.settings import load
from registry.store import migrate as schema
from tests.support.builders import a_report
from tests.support.loopback import NO_TLS

ADMITTED = {"carrier-a": (Role.REPORTER, Role.INQUIRER), "carrier-b": (Role.INQUIRER,), "auditor": (Role.AUDITOR,)}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class OneRegistry:
    """A registry that answers at ``url``; its files are in ``folder``."""

    folder: Path
    url: str
    servers: Household
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    year: int = field(default_factory=lambda: now().year)

    @property
    def config(self) -> Path:
        return self.folder / "registry.toml"

    @property
    def log_url(self) -> str:
        return f"{self.url}/log/{self.year}"

    @property
    def log_key(self) -> VerifierKey:
        key = load_private_key(self.folder / "log.pem")
        name = f"{self.url.removeprefix('http://')}/log/{self.year}"
        return VerifierKey(name=name, kind=SignatureKind.NOTE, public_key=public_bytes(key))

    def signer(self, who: str) -> Signer:
        return Signer(key_id=f"{who}-1", private_key=self.keys[who], clock=now, random=os.urandom)

    def ask(self, who: str, method: str, path: str, body: bytes | None = None, **more: Any) -> Answer:
        """One signed exchange."""
        with httpx.Client(timeout=60, verify=NO_TLS) as http:
            key = os.urandom(8).hex() if method == "POST" else None
            return SignedPeer(self.url, http, self.signer(who)).exchange(
                method, path, body=body, max_answer=1 << 24, **{"idempotency_key": key, **more}
            )

    def report(self, reports: Sequence[RecordReport], who: str = "carrier-a") -> list[dict[str, Any]]:
        """Report a batch; its verdicts."""
        rows = b"".join(canonical_json(write(each)) + b"\n" for each in reports)
        given = self.ask(who, "POST", "/v1/record-batches", rows, content_type="application/x-ndjson")
        *verdicts, end = [json.loads(line) for line in given.body.splitlines()]
        assert (given.status, end["end"]) == (200, True), given.body
        return verdicts

    def checkpoint(self) -> Checkpoint | None:
        """The head that is published now, unverified; None before the first round over a log that has just begun."""
        found = httpx.get(f"{self.log_url}/checkpoint", timeout=10, verify=NO_TLS)
        if found.status_code == httpx.codes.NOT_FOUND:
            return None
        return parse_signed_checkpoint(found.raise_for_status().content).checkpoint

    def settled(self, at_least: int) -> Checkpoint:
        """The head once it has so many entries and has stood still for a while."""
        deadline, last = time.monotonic() + 60, self.checkpoint()
        while time.monotonic() < deadline:
            time.sleep(0.6)
            now_at = self.checkpoint()
            if now_at is not None and now_at.size >= at_least and now_at == last:
                return now_at
            last = now_at
        raise AssertionError(f"the log stands at {last} and not at {at_least}")

    def stop(self) -> None:
        """End the server, orderly, and wait for it."""
        process = self.servers.child("registry").process
        process.terminate()
        process.wait(30)

    def start(self) -> None:
        child = self.servers.start("registry", ["registry", "serve", "--config", str(self.config)])
        self.servers.wait_healthy(child, self.url)


def listable(count: int, first: int = 0) -> list[RecordReport]:
    """Debts of so many people that are listable today."""
    today = now().date()
    return [
        a_report(
            f"person {number}",
            f"A{number}",
            due_date=today - dt.timedelta(days=200),
            notice_date=today - dt.timedelta(days=150),
        )
        for number in range(first, first + count)
    ]


@contextmanager
def one_registry(
    folder: Path, *, database_url: str = "sqlite:///registry.db", workers: int = 1, threads: int = 4, more: str = ""
) -> Iterator[OneRegistry]:
    """A founded and serving registry whose participants are admitted; stopped at the end. ``more`` are settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    here = OneRegistry(folder, f"http://{listen}", Household(folder / "logs"))
    here.keys = {name: generate_signing_key(os.urandom) for name in ("operator", *ADMITTED)}
    for name, key in here.keys.items():
        save_private_key(key, folder / f"{name}.pem")
    here.config.write_text(
        f'database_url = "{database_url}"\npublic_url = "{here.url}"\nlisten = "{listen}"\n'
        'keys = "keys.json"\nsigning_key = "registry.pem"\nsigning_key_id = "registry-1"\n'
        f"workers = {workers}\nthreads = {threads}\n{more}"
    )
    joint = b64url_encode(multiply_base(random_scalar(os.urandom)))
    operator_key = b64url_encode(public_bytes(here.keys["operator"]))
    (folder / "founding.toml").write_text(
        f'[operator]\nid = "operator"\nname = "The operator"\nkey_id = "operator-1"\npublic_key = "{operator_key}"\n'
        f'[epoch]\nepoch = 1\njoint_public_key = "{joint}"\nthreshold = 2\ncustodians = 3\n'
    )
    settings, founding = load(here.config, {}), read_founding(folder / "founding.toml")
    make_secrets(settings, epoch=1)
    schema.upgrade(settings.database_url)
    found_once(settings, founding)
    try:
        here.start()
        answers_under = public_bytes(load_private_key(settings.signing_key))
        pin = Pin(url=here.url, key_id=settings.signing_key_id, public_key=answers_under)
        with Office(registry=pin, signer=here.signer("operator")).open() as registry:
            for name, roles in ADMITTED.items():
                new = NewParticipant(
                    participant_id=name,
                    name=name.title(),
                    roles=tuple(roles),
                    key_id=f"{name}-1",
                    public_key=public_bytes(here.keys[name]),
                )
                participants.admit(registry, new)
        yield here
    finally:
        here.servers.stop()
