"""The restore of the embedded default with whole processes, by the commands that the runbook prints."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from crypto.signing.keys import generate_signing_key
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint
from protocol.wire.codec import write
from tests.e2e.running import run_here
from tests.support.loopback import NO_TLS
from tests.support.one_registry import OneRegistry, listable, one_registry
from tests.support.root import ROOT

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGE = (RUNBOOKS / "embedded.md").read_text() + (RUNBOOKS / "log-restored-backup.md").read_text()


def command(begins: str, *more: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the one command of the pages that begins so, in the registry's folder, as a person types it."""
    lines = {line.strip() for line in PAGE.splitlines() if line.startswith("    ")}
    [line] = [each for each in sorted(lines) if each.startswith(begins)]
    words = shlex.split(line.removeprefix("umask 077; "))
    if words[0] == "python3":
        return subprocess.run([sys.executable, *words[1:]], cwd=folder, capture_output=True, text=True, check=True)
    return run_here(folder, *words[1:], *more)


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def log_of(registry: OneRegistry) -> dict[str, Any]:
    return json.loads(registry.ask("auditor", "GET", "/v1/log").body)


def promised(registry: OneRegistry, entry_id: str) -> tuple[int, str]:
    answer = registry.ask("auditor", "GET", f"/log/{registry.year}/receipts/{entry_id}?grade=promise")
    return answer.status, json.loads(answer.body)["type"].rpartition(":")[2] if answer.status != 200 else ""


def newest_entry(registry: OneRegistry) -> str:
    inquiry = {"tokens": write(listable(1)[0].tokens), "service_class": "MOBILE", "inquiry_ref": "A-1"}
    answer = registry.ask("carrier-a", "POST", "/v1/inquiries", json.dumps(inquiry).encode())
    assert answer.status == 201, answer.body
    return str(json.loads(answer.body)["inquiry_id"])


def test_the_restore_of_the_runbook_brings_a_registry_back_that_confuses_nobody(tmp_path: Path) -> None:
    with one_registry(tmp_path) as registry:
        registry.report(listable(3))
        registry.settled(5)
        assert log_of(registry)["incarnation"] == 1
        command("umask 077; python3 -c 'import sqlite3, sys; s, d", folder=tmp_path)
        registry.report(listable(2, first=100))
        lost = registry.settled(12)
        # Somebody outside keeps the head, as witnesses and mirrors do.
        (tmp_path / "collected").mkdir()
        head = httpx.get(f"{registry.log_url}/checkpoint", timeout=10, verify=NO_TLS).content
        (tmp_path / "collected" / "head").write_bytes(head)
        registry.stop()

        for name in ("registry.db", "registry.db-wal", "registry.db-shm"):
            if (tmp_path / name).exists():
                (tmp_path / name).rename(tmp_path / f"away-{name}")
        shutil.copy(tmp_path / "backup.db", tmp_path / "registry.db")
        assert command("clearline registry migrate", folder=tmp_path).returncode == 0
        assert told(command("clearline registry restored --config", "--json", folder=tmp_path)) == {
            "incarnation": 2,
            "before": 1,
        }
        found = told(
            command("clearline registry restore-check --config registry.toml --seen", "--json", folder=tmp_path)
        )
        assert (found["incarnation"], found["undeclared"]) == (2, None)
        [tree] = found["trees"]
        assert (tree["seen_size"], tree["fault"]) == (lost.size, "database-behind")
        assert tree["lost"] == lost.size - tree["size"] > 0
        assert f"{tree['lost']} entries that were published are missing" in found["messages"]["carrier-a"]
        assert "clearline gateway report" in found["messages"]["carrier-a"]
        _refuses_another_registrys_heads(tmp_path)

        registry.start()
        # It answers from the last look at the database, and the first one is still under way.
        with httpx.Client(timeout=10, verify=NO_TLS) as http:
            while (readiness := http.get(f"{registry.url}/readyz").json())["incarnation"] is None:
                time.sleep(0.05)
        assert readiness["incarnation"] == 2
        assert (log_of(registry)["incarnation"], log_of(registry)["trees"][0]["refused"]) == (2, "database-behind")
        between = newest_entry(registry)
        assert [each["verdict"] for each in registry.report(listable(2, first=100))] == ["ACTIVE"] * 2
        assert promised(registry, between) == (409, "log-refused")

        registry.stop()
        settings = registry.config.read_text()
        registry.config.write_text(f'{settings}log_name = "registry.example/log-2"\nlog_heads = "log-heads-2"\n')
        begun = told(command("clearline registry log begin", folder=tmp_path))
        assert begun == {"log_name": "registry.example/log-2", "years": [registry.year], "incarnation": 2}
        registry.start()
        registry.settled(tree["size"] + 3)
        assert (log_of(registry)["name"], log_of(registry)["trees"][0]["refused"]) == ("registry.example/log-2", None)
        assert promised(registry, between) == (200, "")


def _refuses_another_registrys_heads(folder: Path) -> None:
    origin = "another.example/log/2026"
    key = generate_signing_key(lambda count: bytes(range(count)))
    note = sign_checkpoint(Checkpoint(origin=origin, size=1, root=bytes(32)), name=origin, private_key=key)
    (folder / "foreign").write_bytes(note.encode())
    done = run_here(folder, "registry", "restore-check", "--seen", "foreign", "--config", "registry.toml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "heads-foreign" in done.stderr
