"""Every command that runs on ends promptly on SIGTERM and on SIGINT, as the first process of a container too."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.demo.ceremony import Parties, make_parties
from cli.demo.plan import loopback_addresses
from cli.registry.found import found_once
from cli.registry.founding import read_founding
from crypto.tlog.keys import SignatureKind, VerifierKey
from registry.keyfile import load_public_half
from registry.settings import load
from registry.store import migrate as schema
from tests.support.root import ROOT

PROMPTLY = 10.0
"""Seconds that a container's engine gives by default."""
APPLICANT = b'{"document": {"kind": "RESIDENT_ID", "number": "11010519491231002X"}, "service_class": "MOBILE"}'
WORKS = 4
"""Threads of a worker that has begun: the clock, deliveries, the integrator, the feeding of witnesses."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    """Settings of everybody, and a founded registry; nobody listens."""
    made = make_parties(tmp_path_factory.mktemp("parties"), loopback_addresses(relayed=False))
    settings = load(made.registry, {})
    schema.upgrade(settings.database_url)
    found_once(settings, read_founding(made.founding))
    return made


@dataclass
class Started:
    """A command that runs, and the file that it writes to."""

    process: "subprocess.Popen[bytes]"
    output: Path

    def said(self) -> str:
        return self.output.read_text()

    def ended(self, number: signal.Signals) -> int:
        """Its exit code after a signal; fails when it does not end in time."""
        assert catches(self.process, number), "the first process of a container would never hear of it"
        self.process.send_signal(number)
        return self.process.wait(PROMPTLY)


@contextmanager
def started(folder: Path, *words: str, stdin: bytes = b"") -> Iterator[Started]:
    output = folder / "output"
    (folder / "input").write_bytes(stdin)
    with output.open("wb") as file, (folder / "input").open("rb") as given:
        command = [sys.executable, "-m", "cli", *words]
        process = subprocess.Popen(command, cwd=ROOT, stdin=given, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield Started(process, output)
    finally:
        process.kill()
        process.wait()


def catches(process: "subprocess.Popen[bytes]", number: signal.Signals) -> bool:
    """Whether the process has a handler; without one, the kernel keeps a signal from a container's first process."""
    return bool(int(status_of(process, "SigCgt"), 16) >> (number - 1) & 1)


def status_of(process: "subprocess.Popen[bytes]", field: str) -> str:
    text = Path(f"/proc/{process.pid}/status").read_text()
    return re.search(rf"^{field}:\s*(\w+)$", text, re.MULTILINE)[1]


def family_of(pid: int) -> list[int]:
    """A server and its worker processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(each) for each in children)]


def core_limit(pid: int) -> str:
    return re.search(r"^Max core file size +(\w+) +0 ", Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE)[1]


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def port_in(settings: Path) -> int:
    return int(re.search(r'listen = "127.0.0.1:(\d+)"', settings.read_text())[1])


@pytest.mark.parametrize(
    ("role", "number"), [("registry", signal.SIGTERM), ("custodian", signal.SIGINT), ("gateway", signal.SIGTERM)]
)
def test_a_server_ends_orderly(parties: Parties, tmp_path: Path, role: str, number: signal.Signals) -> None:
    carrier = parties.carriers["carrier-a"]
    config = {"registry": parties.registry, "custodian": parties.custodians[1], "gateway": carrier}[role]
    with started(tmp_path, role, "serve", "--config", str(config)) as command:
        wait_until(lambda: listens(port_in(config)))
        assert {core_limit(each) for each in family_of(command.process.pid)} == {"0"}
        assert (command.ended(number), "Traceback" in command.said()) == (0, False), command.said()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_worker_ends_orderly(parties: Parties, tmp_path: Path, number: signal.Signals) -> None:
    config = str(parties.registry)
    with started(tmp_path, "registry", "worker", "--config", config, "--interval", "600") as command:
        wait_until(lambda: int(status_of(command.process, "Threads")) >= WORKS)
        assert (command.ended(number), "Traceback" in command.said()) == (0, False), command.said()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_witness_ends_orderly_in_the_pause_between_two_rounds(
    parties: Parties, tmp_path: Path, number: signal.Signals
) -> None:
    config = str(parties.carriers["carrier-a"])
    with started(tmp_path, "gateway", "witness", "--config", config, "--interval", "600") as command:
        wait_until(lambda: command.said().count("\n") >= 2)
        assert (command.ended(number), "Traceback" in command.said()) == (0, False), command.said()


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening.getsockname()[1]


def asks(port: int) -> bool:
    """Whether somebody is connected to that port of this machine and waits."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2] == f"0100007F:{port:04X}" and row[3] == "01" for row in rows)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_audit_of_a_silent_log_ends_in_one_line(
    parties: Parties, deaf_port: int, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    key = load_public_half(load(parties.registry, {}).log_key)
    vkey = VerifierKey(name="log.example/log/2026", kind=SignatureKind.NOTE, public_key=key).vkey
    url = f"http://127.0.0.1:{deaf_port}/log/2026"
    with started(tmp_path, "audit", "verify", "--log-url", url, "--vkey", vkey) as command:
        wait_until(lambda: asks(deaf_port))
        assert (command.ended(number), command.said().strip().count("\n")) == (code, 0), command.said()


def test_a_check_whose_custodians_are_silent_is_cut_off(parties: Parties, deaf_port: int, tmp_path: Path) -> None:
    home = parties.carriers["carrier-a"].parent
    for name in ("signing.pem", "account.key", "witness.pem", "witnesses.policy"):
        shutil.copy(home / name, tmp_path / name)
    text = (home / "gateway.toml").read_text()
    text = re.sub(r'url = "http://127.0.0.1:\d+"', f'url = "http://127.0.0.1:{deaf_port}"', text)
    config = tmp_path / "gateway.toml"
    config.write_text(text + "\n[limits]\ncustodian_timeout_seconds = 120\nregistry_timeout_seconds = 120\n")
    with started(tmp_path, "gateway", "check", "--config", str(config), stdin=APPLICANT) as command:
        wait_until(lambda: asks(deaf_port))
        assert (command.ended(signal.SIGTERM), "Traceback" in command.said()) == (143, False), command.said()
    assert "11010519491231002X" not in command.said()


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
