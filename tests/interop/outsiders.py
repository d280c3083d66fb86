"""Verifiers that this project did not write, each as a function that audits a served log from its first entry on."""

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import requests
from tlog_scales import backend, reader, signing, tlog

GOPATH = Path("/usr/share/gocode")
GO = shutil.which("go")
HAS_GO = GO is not None and (GOPATH / "src/golang.org/x/mod/sumdb").is_dir()
"""Whether Go and Debian's golang-golang-x-mod-dev are on this machine."""

Audit = Callable[[str, str], None]
"""Takes the URL of a year's log and its vkey; raises Rejected."""


class Rejected(Exception):
    """The outsider does not accept the log."""


def build(source: Path, target: Path) -> None:
    """Compile a Go program against Debian's packages."""
    environment = {
        "GO111MODULE": "off",
        "GOPATH": str(GOPATH),
        "GOCACHE": str(target.parent / "cache"),
        "HOME": str(target.parent),
    }
    subprocess.run([str(GO), "build", "-o", target, "."], cwd=source, env=environment, check=True)


def sumdb(program: Path) -> Audit:
    """golang.org/x/mod/sumdb: note and tlog."""

    def audit(url: str, vkey: str) -> None:
        done = subprocess.run([program, url, vkey], capture_output=True, text=True, check=False, timeout=60)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stderr)
        if done.returncode:
            raise Rejected(done.stdout.strip())

    return audit


def scales(url: str, vkey: str) -> None:
    """tlog-scales: a checkpoint that its key signed, and each entry's proof to that root."""
    try:
        theirs = reader.TilesReader(backend.HttpBackend(url))
        head = theirs.get_checkpoint()
        key = signing.Vkey.from_string(vkey)
        if {each.name for each, _ in signing.VkeySet(key).verify(head.signatures, head)} != {key.name}:
            raise Rejected("the key did not sign the checkpoint")
        if theirs.calculate_root_hash() != head.root_hash:
            raise Rejected("the tiles do not give the root")
        for index in range(head.size):
            leaf = hashlib.sha256(b"\x00" + theirs.get_entry(index)).digest()
            theirs.get_inclusion_proof(index, head.size).check(leaf, head.root_hash)
    except (ValueError, IndexError, RuntimeError, requests.RequestException) as refused:
        raise Rejected(type(refused).__name__) from refused
    except tlog.InclusionProofInvalid as refused:
        raise Rejected("an inclusion proof does not lead to the root") from refused
