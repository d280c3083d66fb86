"""Folders of custodians as their operators make them, and the processes that serve and join in them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from crypto.signing.keys import generate_signing_key, public_bytes, save_private_key
from protocol.encodings import b64url_encode
from tests.support.loopback import NO_TLS
from tests.support.root import ROOT

SETTINGS = """
participant = "{name}"
signing_key = "signing.pem"
key_id = "{name}-1"
public_url = "{url}"
listen = "127.0.0.1:{port}"
database = "ledger.db"
daily_quota = 1000
refresh_days = 90
"""
PEER = """
[[peer]]
id = "{name}"
url = "{url}"
key_id = "{name}-1"
public_key = "{key}"
"""
CARRIER = """
[[carrier]]
id = "{name}"
key_id = "{name}-1"
public_key = "{key}"
"""


def make_homes(folder: Path, ports: Sequence[int]) -> dict[str, Path]:
    """Make custodian-1 and so on, each with a key of its own and the others pinned; returns their settings' files."""
    names = [f"custodian-{number}" for number in range(1, len(ports) + 1)]
    keys = {name: generate_signing_key(os.urandom) for name in names}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(names, ports, strict=True)}
    homes = {}
    for name, port in zip(names, ports, strict=True):
        home = folder / name
        home.mkdir()
        save_private_key(keys[name], home / "signing.pem")
        text = SETTINGS.format(name=name, url=urls[name], port=port)
        for other in names:
            if other != name:
                text += PEER.format(name=other, url=urls[other], key=b64url_encode(public_bytes(keys[other])))
        homes[name] = home / "custodian.toml"
        homes[name].write_text(text)
    return homes


def command(*words: str) -> list[str]:
    """The command line of a custodian's command."""
    return [sys.executable, "-m", "cli", "custodian", *words]


@contextmanager
def serving(homes: dict[str, Path]) -> Iterator[dict[str, int]]:
    """Serve all of them until the end of the block; gives the processes' ids."""
    with ExitStack() as stack:
        ids = {}
        for name, settings in homes.items():
            log = stack.enter_context((settings.parent / "log").open("wb"))
            process = subprocess.Popen(command("serve", "--config", str(settings)), cwd=ROOT, stderr=log)
            ids[name] = process.pid
            stack.callback(process.wait, 15)
            stack.callback(process.send_signal, signal.SIGTERM)
        for settings in homes.values():
            wait_until_healthy(settings)
        yield ids


def wait_until_healthy(settings: Path) -> None:
    """Wait until the server of these settings answers."""
    url = next(line.split('"')[1] for line in settings.read_text().splitlines() if line.startswith("public_url"))
    for _ in range(200):
        try:
            if httpx.get(f"{url}/healthz", trust_env=False, verify=NO_TLS).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError((settings.parent / "log").read_text())


def join(
    settings: Path, ceremony: str, *, kill: bool, between: Callable[[str], None] = lambda _: None
) -> tuple[int, int]:
    """Join until the end, and kill the process after each step of its own; returns its kills and its exit code.

    ``between`` runs after each kill, before the process comes back.
    """
    words = ("ceremony", "join", ceremony, "--yes", "--config", str(settings))
    name, killed, seen = settings.parent.name, 0, set[str]()
    while True:
        with subprocess.Popen(command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stderr is not None
            for line in process.stderr:
                which, _, step = line.decode().strip().partition(" ")
                if kill and which == ceremony[:12] and step.endswith(f" {name}") and step not in seen:
                    seen.add(step)
                    process.kill()
                    killed += 1
                    break
            code = process.wait(60)
        if code < 0:
            between(name)
        if code >= 0:
            return killed, code


def join_all(
    homes: dict[str, Path],
    ceremony: str,
    *names: str,
    killed: Collection[str] = (),
    between: Callable[[str], None] = lambda _: None,
) -> dict[str, tuple[int, int]]:
    """Let custodians join in processes of their own, all at once; returns kills and exit code of each."""
    with ThreadPoolExecutor(len(names)) as pool:
        drives = {
            name: pool.submit(join, homes[name], ceremony, kill=name in killed, between=between) for name in names
        }
        return {name: drive.result(300) for name, drive in drives.items()}
