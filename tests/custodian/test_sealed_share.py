"""A custodian whose share is sealed: a real process that reads its passphrase from a descriptor, once."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from crypto.oprf.threshold import deal
from custodian.share import HeldShare, load_share, save_share
from protocol.encodings import b64url_encode
from serving.clock import system_clock
from tests.support.custody import elements
from tests.support.parties import Caller, a_caller, custodian_url, evaluation_body, held
from tests.support.passphrases import OTHER, PASSPHRASE, a_provider, descriptor
from tests.support.root import ROOT

SETTINGS = """
index = 2
epoch = 1
threshold = 2
share = "share.json"
demonstration = true
public_url = "{public_url}"
listen = "127.0.0.1:{port}"
database = "ledger.db"
daily_quota = 100
[custody]
passphrase = "fd:{descriptor}"
[[carrier]]
id = "carrier-a"
key_id = "{caller.key_id}"
public_key = "{public_key}"
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc shows it")


class Sealed:
    """A folder with settings and a sealed share, and the process that serves from it."""

    def __init__(self, folder: Path, passphrase: bytes) -> None:
        self.folder, self.share = folder, held(deal(None, 2, 3, os.urandom), 2)
        self.caller: Caller = a_caller(system_clock)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.descriptor = descriptor(passphrase + b"\n")
        self.pipe = Path(f"/proc/self/fd/{self.descriptor}").readlink()
        save_share(folder / "share.json", self.share, provider=a_provider())
        (folder / "custodian.toml").write_text(
            SETTINGS.format(
                port=self.port,
                public_url=custodian_url(2),
                descriptor=self.descriptor,
                caller=self.caller,
                public_key=b64url_encode(self.caller.key().public_key),
            )
        )
        self.log = folder / "log"

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "cli", "custodian", "serve", "--config", str(self.folder / "custodian.toml")]
        with self.log.open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, stderr=log, pass_fds=[self.descriptor])
        os.close(self.descriptor)
        return process

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            self.evaluate()
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def evaluate(self) -> None:
        """Have one element evaluated, as soon as the process answers."""
        for _ in range(400):
            try:
                body = evaluation_body(elements(1))
                headers = self.caller.headers(body, index=2)
                answer = httpx.post(
                    f"http://127.0.0.1:{self.port}/v1/evaluations", content=body, headers=headers, trust_env=False
                )
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                assert answer.status_code == 200
                return
        pytest.fail(f"no answer: {self.log.read_text()}")


def processes(master: int) -> list[int]:
    """The master and its worker."""
    return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]


def seen(path: Path) -> bytes:
    """What /proc shows of a process that lets nobody but root look in."""
    try:
        return path.read_bytes()
    except PermissionError:
        return b""


def spellings(secret: bytes) -> list[bytes]:
    return [secret, b64url_encode(secret).encode(), secret.hex().encode(), secret.hex().upper().encode()]


def spelled_in(secrets: list[bytes], content: bytes) -> list[bytes]:
    return [each for secret in secrets for each in spellings(secret) if each in content]


@LINUX
def test_a_sealed_custodian_serves_and_shows_neither_share_nor_passphrase(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path, PASSPHRASE)
    with sealed.served() as process:
        master, worker = processes(process.pid)
        for pid in (master, worker):
            proc = Path(f"/proc/{pid}")
            assert spelled_in([PASSPHRASE], seen(proc / "environ") + seen(proc / "cmdline")) == []
            assert seen(proc / "cmdline") != b""
            [core] = [
                line for line in (proc / "limits").read_text().splitlines() if line.startswith("Max core file size")
            ]
            assert core.split()[-3:-1] == ["0", "0"]
            if os.geteuid() == 0:  # nobody else may look in
                open_now = [each.readlink() for each in (proc / "fd").iterdir() if each.is_symlink()]
                assert sealed.pipe not in open_now
        locked = [
            line.split()[1]
            for line in Path(f"/proc/{worker}/status").read_text().splitlines()
            if line.startswith("VmLck")
        ]
        log = sealed.log.read_text()
        assert f"evaluated carrier=carrier-a key={sealed.caller.key_id} elements=1" in log
        assert ("memory is locked: no key goes to swap" in log) == (locked != ["0"])
        assert ("memory is not locked, keys may go to swap" in log) == (locked == ["0"])
        os.kill(worker, signal.SIGKILL)  # the next one inherits the passphrase, which can be read no second time
        sealed.evaluate()
        assert worker not in processes(master)
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"share.json", "ledger.db", "log", "custodian.toml"} <= set(files)
    assert [name for name, content in files.items() if spelled_in([sealed.share.sk, PASSPHRASE], content)] == []
    assert load_share(tmp_path / "share.json", provider=a_provider()) == sealed.share


@LINUX
def test_a_share_in_the_clear_would_be_found_by_that_search(tmp_path: Path) -> None:
    share: HeldShare = held(deal(None, 2, 3, os.urandom), 2)
    save_share(tmp_path / "share.json", share)
    assert spelled_in([share.sk], (tmp_path / "share.json").read_bytes()) == [b64url_encode(share.sk).encode()]


@LINUX
def test_a_custodian_with_a_wrong_passphrase_does_not_start_and_says_which_file_it_was(tmp_path: Path) -> None:
    sealed = Sealed(tmp_path, OTHER)
    assert sealed.start().wait(20) == 1
    said = sealed.log.read_text()
    assert "share.json: the custodian-share does not open: it was sealed under another passphrase" in said
    assert len(said.splitlines()) == 1
    assert spelled_in([OTHER, sealed.share.sk], said.encode()) == []
