"""Custodians whose every process is killed after every message of every ceremony: subjects are found throughout."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from ceremony.verify import verify_transcript
from crypto.oprf.client import blind
from crypto.oprf.threshold import combine, verify_evaluation
from crypto.signing import http_message
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.encodings import b64url_decode, b64url_encode
from protocol.messages.ceremonies import Committee
from serving.clock import system_clock
from tests.support.commands import run
from tests.support.custodian_homes import CARRIER, command, join_all, make_homes, wait_until_healthy
from tests.support.parties import evaluation_body
from tests.support.root import ROOT
from tests.support.sizes import FULL_SIZE

pytestmark = pytest.mark.skipif(not FULL_SIZE, reason="make soak holds them; tests/e2e/test_ceremonies.py has one")
INPUT = b"somebody who was reported before"


@dataclass
class Bodies:
    """Four custodians with folders and servers of their own, and a carrier that asks them."""

    homes: dict[str, Path]
    servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    committees: list[Committee] = field(default_factory=list)
    tokens: set[bytes] = field(default_factory=set)
    asked: int = 0
    kills: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.key = generate_signing_key(os.urandom)
        entry = CARRIER.format(name="carrier-a", key=b64url_encode(public_bytes(self.key)))
        for name, settings in self.homes.items():
            settings.write_text(settings.read_text() + entry)
            self.start(name)
        for settings in self.homes.values():
            wait_until_healthy(settings)

    def start(self, name: str) -> None:
        with (self.homes[name].parent / "log").open("ab") as log:
            line = command("serve", "--config", str(self.homes[name]))
            self.servers[name] = subprocess.Popen(line, cwd=ROOT, stderr=log, start_new_session=True)

    def kill(self, name: str) -> None:
        """Kill the server as well, start it again, and ask for the token of somebody reported before."""
        with self.lock:
            # Master and worker at once, as a service manager does it: an orphan would keep the address.
            os.killpg(self.servers[name].pid, signal.SIGKILL)
            self.servers[name].wait(15)
            self.kills += 1
            if self.committees:
                self.find(without=name)
            self.start(name)
            wait_until_healthy(self.homes[name])
            if self.committees:
                self.find(without="")

    def find(self, *, without: str) -> None:
        """Compute the token by the first members that are up of each committee, whose shares are all still served."""
        for committee in self.committees:
            members = [each for each in committee.members if each.custodian != without][: committee.threshold]
            blinded, evaluated = blind(INPUT, os.urandom), {}
            for member in members:
                url = f"{member.url}/v1/evaluations"
                body = evaluation_body([blinded.blinded_element], committee=committee.committee)
                headers = http_message.sign_request(
                    method="POST",
                    target_uri=url,
                    content_type="application/json",
                    content_digest=http_message.content_digest(body),
                    key_id="carrier-a-1",
                    private_key=self.key,
                    created=system_clock(),
                    nonce=b64url_encode(os.urandom(18)),
                )
                answer = httpx.post(url, content=body, headers=headers, trust_env=False, timeout=30)
                assert answer.status_code == 200, answer.text
                element = b64url_decode(answer.json()["evaluated_elements"][0])
                proof = b64url_decode(answer.json()["proof"])
                verify_evaluation(member.share_public_key, [blinded.blinded_element], [element], proof)
                evaluated[member.index] = element
            self.tokens.add(combine(blinded.blind, evaluated, threshold=committee.threshold))
            self.asked += 1


@pytest.fixture
def custodians(tmp_path: Path) -> Iterator[Bodies]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        ports = [int(probe.getsockname()[1]) for probe in probes]
    bodies = Bodies(make_homes(tmp_path, ports))
    yield bodies
    for server in bodies.servers.values():
        server.terminate()
        server.wait(15)


@pytest.mark.parametrize("victim", [1, 2, 3, 4, 0], ids=["first", "second", "third", "fourth", "all of them"])
def test_ceremonies_go_on_by_themselves_and_everybody_is_found_throughout(
    custodians: Bodies, capsys: pytest.CaptureFixture[str], victim: int
) -> None:
    first, second, third, fourth = custodians.homes
    killed = list(custodians.homes) if victim == 0 else [list(custodians.homes)[victim - 1]]
    members = ("--member", f"{first}=1", "--member", f"{second}=2", "--member", f"{third}=3")
    moved = [word for name in (first, second) for word in ("--dealer", name)]
    moved += [
        word for name, index in ((first, 1), (second, 2), (fourth, 4)) for word in ("--member", f"{name}={index}")
    ]
    for parties, terms in (
        ((first, second, third), ("--kind", "genesis", "--threshold", "2", *members)),
        ((first, second, third), ("--kind", "refresh")),
        ((first, second, fourth), ("--kind", "resharing", *moved)),
    ):
        home = custodians.homes[first]
        code, told = run(capsys, "custodian", "ceremony", "propose", "--config", str(home), *terms)
        assert code == 0
        ends = join_all(custodians.homes, told["ceremony"], *parties, killed=killed, between=custodians.kill)
        # The fourth receives and does not deal: it has one step less.
        steps = {name: 3 if name == fourth else 4 for name in parties}
        assert ends == {name: (steps[name] if name in killed else 0, 0) for name in parties}
        out = home.parent / f"{told['ceremony']}.json"
        words = ("finish", told["ceremony"], "--out", str(out), "--config", str(home))
        code, _ = run(capsys, "custodian", "ceremony", *words)
        assert code == 0
        custodians.committees.append(verify_transcript(out.read_bytes()).committee)
        custodians.find(without="")
    assert len(custodians.tokens) == 1
    shares = [each.share_public_key for committee in custodians.committees for each in committee.members]
    assert len(set(shares)) == len(shares)
    print(f"killed {custodians.kills} times; found {custodians.asked} times")  # noqa: T201
