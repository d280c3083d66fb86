"""The container demonstration's parties make their own keys, their custodians the shared one; no folder is shared."""

import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ceremony.verify import verify_transcript
from cli.demo.plan import free_ports
from cli.demo.processes import is_healthy
from cli.registry.found import make_secrets
from cli.registry.founding import read_founding
from crypto.envelope.provider import Unsealed
from crypto.signing.keys import load_private_key, public_bytes
from custodian import settings as custodian_settings
from custodian.share_book import open_book
from gateway import settings as gateway_settings
from gateway.local.tokens import Scope, TokenBook
from gateway.wiring import build, build_log
from protocol.encodings import b64url_decode
from registry import keyfile
from registry import settings as registry_settings
from serving.clock import system_clock
from tests.support.root import ROOT

CUSTODIANS = ("custodian-1", "custodian-2", "custodian-3")
CARRIERS = ("carrier-a", "carrier-b", "carrier-c")
PARTIES = (*CUSTODIANS, "registry", "operator", *CARRIERS)
PATIENCE = 120


class Homes:
    """A folder for each party in place of its volume, and a public one."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.public = place / "public"
        self.bin = place / "bin"
        self.ports = dict(zip(CUSTODIANS, ports_in_a_row(), strict=True))
        for folder in (self.bin, self.public, *(place / name for name in PARTIES)):
            folder.mkdir()
        command = self.bin / "clearline"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
        command.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """``clearline`` is this checkout under this Python; custodians differ by the last digit of their ports."""
        port = str(self.ports[CUSTODIANS[0]])
        return {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "CUSTODIAN_URL": f"http://127.0.0.1:{port[:-1]}%s",
            "PAUSE_SECONDS": "0.2",
        }

    def script(self, name: str, party: str) -> "subprocess.Popen[bytes]":
        """Start a script as the party's container does."""
        words = ["sh", str(ROOT / "deploy" / name), party, str(self.place / party), str(self.public)]
        return subprocess.Popen(words, env=self.environment, cwd=self.place / party, stdout=subprocess.DEVNULL)

    def run(self, name: str, parties: Sequence[str]) -> None:
        """Run a script for several parties at the same time, to the end."""
        end_well([self.script(name, party) for party in parties])

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve the custodians, as their containers do, until the end of the block."""
        with ExitStack() as stack:
            for name, port in self.ports.items():
                listen = {"CLEARLINE_CUSTODIAN_LISTEN": f"127.0.0.1:{port}"}
                log = stack.enter_context((self.place / f"{name}.log").open("wb"))
                words = ["clearline", "custodian", "serve", "--config", str(self.place / name / "custodian.toml")]
                server = subprocess.Popen(words, env=self.environment | listen, cwd=self.place / name, stderr=log)
                stack.callback(server.wait, 30)
                stack.callback(server.send_signal, signal.SIGTERM)
            for port in self.ports.values():
                wait_healthy(port)
            yield


def ports_in_a_row() -> tuple[int, int, int]:
    """Free ports that end with 1, 2 and 3, as names of containers do."""
    for first in free_ports(40):
        try:
            with ExitStack() as stack:
                for index in (1, 2, 3):
                    stack.enter_context(socket.create_server(("127.0.0.1", first - first % 10 + index)))
        except OSError:
            continue
        return first - first % 10 + 1, first - first % 10 + 2, first - first % 10 + 3
    raise AssertionError("no three free ports in a row")


def wait_healthy(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_healthy(f"127.0.0.1:{port}"):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def end_well(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    assert [each.wait(PATIENCE) for each in processes] == [0] * len(processes)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Everything from the first key to the last settings, begun after another try that was killed halfway."""
    homes = Homes(tmp_path_factory.mktemp("parties"))
    (homes.place / "carrier-a" / "signing.pem").write_text("half a key")
    others = [homes.script("party.sh", party) for party in PARTIES if party not in CUSTODIANS]
    homes.run("party.sh", CUSTODIANS)
    with homes.serving():
        homes.run("ceremony.sh", CUSTODIANS)
    end_well(others)
    return homes


def test_the_custodians_hold_shares_of_one_key_that_no_dealer_made(homes: Homes) -> None:
    transcripts = {(homes.place / name / "transcript.json").read_bytes() for name in CUSTODIANS}
    committee = verify_transcript(*transcripts).committee
    now = system_clock()
    for member in committee.members:
        settings = custodian_settings.load(homes.place / member.custodian / "custodian.toml", {})
        assert (settings.share, settings.demonstration) == (None, False)
        [share] = open_book(settings, Unsealed()).held(now)
        assert (share.pk, share.joint_public_key) == (member.share_public_key, committee.joint_public_key)
        assert member.url == settings.public_url
        assert [each.carrier for each in settings.admission.carriers] == ["carrier-a", "carrier-b", "carrier-c"]
        assert not share.is_dealt
    assert (committee.threshold, len(committee.members)) == (2, 3)


def test_each_gateway_pins_the_committee_of_the_transcript_and_who_signs_for_the_next(homes: Homes) -> None:
    committee = verify_transcript((homes.public / "transcript.json").read_bytes()).committee
    for name in CARRIERS:
        settings = gateway_settings.load(homes.place / name / "gateway.toml", {})
        build(settings).close()
        assert [(each.index, each.public_key, each.custodian, each.signing_key) for each in settings.custodians] == [
            (each.index, each.share_public_key, each.custodian, each.public_key) for each in committee.members
        ]
        assert settings.joint_public_key == committee.joint_public_key


def test_each_gateway_pins_the_key_under_which_the_registry_will_sign_heads(homes: Homes) -> None:
    registry = registry_settings.load(homes.place / "registry" / "registry.toml", {})
    for name in CARRIERS:
        settings = gateway_settings.load(homes.place / name / "gateway.toml", {})
        assert settings.log is not None
        assert settings.log.public_key == public_bytes(load_private_key(registry.log_key))
        assert (settings.log.name, settings.log.url) == (registry.log_name, f"{registry.public_url}/log")
        with build_log(settings) as here:
            witness = here.witness_key()
        told = (homes.place / "operator" / f"{name}.witness.pub").read_text().strip()
        assert (witness.name, witness.public_key) == (f"{name}.witness", b64url_decode(told))


def test_the_registry_is_founded_on_the_transcript_and_with_the_log_key_that_carriers_pin(
    homes: Homes, tmp_path: Path
) -> None:
    home = tmp_path / "registry"
    shutil.copytree(homes.place / "registry", home)
    settings = registry_settings.load(home / "registry.toml", {})
    before = settings.log_key.read_bytes()
    make_secrets(settings, epoch=1)
    assert settings.log_key.read_bytes() == before
    assert keyfile.load_public_half(settings.log_key) == public_bytes(load_private_key(settings.log_key))
    assert settings.public_url == "http://front:8080"
    epoch = read_founding(home / "founding.toml").epoch
    assert epoch.formed is not None
    assert epoch.formed.transcript == (homes.public / "transcript.json").read_bytes()


def test_each_gateway_knows_a_caller_for_each_scope_by_its_digest(homes: Homes) -> None:
    for home in (homes.place / name for name in CARRIERS):
        book = TokenBook(gateway_settings.load(home / "gateway.toml", {}).tokens)
        for scope in Scope:
            caller = book.caller_of((home / f"{scope}.token").read_text().strip())
            assert caller is not None
            assert (caller.name, caller.scopes) == (scope.value, frozenset({scope}))


def test_the_operator_has_the_public_keys_of_all_whom_it_admits(homes: Homes) -> None:
    registry = registry_settings.load(homes.place / "registry" / "registry.toml", {})
    home = homes.place / "operator"
    assert b64url_decode((home / "registry.pub").read_text().strip()) == public_bytes(
        load_private_key(registry.signing_key)
    )
    for name in (*CUSTODIANS, *CARRIERS):
        signing = public_bytes(load_private_key(homes.place / name / "signing.pem"))
        assert b64url_decode((home / f"{name}.pub").read_text().strip()) == signing


def test_every_secret_is_its_owners_alone_and_lies_in_no_other_folder(homes: Homes) -> None:
    files = [path for party in PARTIES for path in (homes.place / party).rglob("*") if path.is_file()]
    for_others = {path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert {"".join(path.suffixes[-2:]) for path in for_others} <= {".pem.pub"}, "only public keys are for everybody"
    kinds = {".pem", ".key", ".token"}
    secrets = [path for path in files if path.suffix in kinds or re.fullmatch(r"share-1-\d+\.json", path.name)]
    contents = [path.read_bytes() for path in secrets]
    assert len(contents) == len(set(contents)) == 3 + 3 + 3 + 3 + 3 + 9 + 3
    public = b"".join(path.read_bytes() for path in homes.public.iterdir())
    for path in secrets:
        for secret in secrets_in(path):
            assert secret not in public
            assert [each for each in files if secret in each.read_bytes()] == [path]


def secrets_in(path: Path) -> list[bytes]:
    """The secret texts of a file, as they would stand in another one."""
    if path.suffix == ".pem":
        return [line for line in path.read_bytes().splitlines() if not line.startswith(b"-----")]
    if path.suffix == ".json":
        return [json.loads(path.read_bytes())["sk"].encode()]
    return [path.read_bytes().strip()]


def test_the_public_folder_holds_keys_an_id_and_the_transcript_alone(homes: Homes) -> None:
    names = sorted(path.name for path in homes.public.iterdir())
    keys = [f"{name}.pub" for name in PARTIES] + [f"{name}.witness.pub" for name in CARRIERS] + ["log.pub"]
    assert names == sorted([*keys, "ceremony", "transcript.json"])


def test_whatever_is_finished_is_left_alone(homes: Homes) -> None:
    before = {path: path.read_bytes() for path in homes.place.rglob("*") if path.is_file()}
    homes.run("party.sh", PARTIES)
    homes.run("ceremony.sh", CUSTODIANS)
    assert {path: path.read_bytes() for path in homes.place.rglob("*") if path.is_file()} == before


def test_a_party_that_waits_in_vain_says_for_which_file_and_leaves_no_settings(tmp_path: Path) -> None:
    public = tmp_path / "public"
    public.mkdir()
    (public / "operator.pub").write_text("a key\n")
    words = ["sh", str(ROOT / "deploy" / "party.sh"), "operator", str(tmp_path), str(public)]
    said = subprocess.run(
        words, env=os.environ | {"PATIENCE": "0"}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stderr) == (1, "party.sh: operator waits for registry.pub in vain\n")
    assert not (tmp_path / ".settings-done").exists()
