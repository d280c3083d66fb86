"""An auditor with the shipped command against a running registry, and an operator who holds every key and cheats."""

# ruff: noqa: S608 (an operator who cheats writes its own SQL)

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from crypto.references import Named, References
from crypto.signing.keys import load_private_key, public_bytes
from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.merkle import leaf_hashes
from protocol.encodings import b64url_decode, b64url_encode
from tests.e2e.running import json_line, run, run_here
from tests.support.one_registry import OneRegistry, listable, one_registry

PEOPLE = 280


@dataclass
class Audited:
    """A registry with some history, and an auditor's folder."""

    registry: OneRegistry
    folder: Path

    def audit(self, *more: str, openings: bool = True) -> "subprocess.CompletedProcess[str]":
        return self._run("verify", *(("--openings", *self._reader()) if openings else ()), *more)

    def entries(self, *filters: str) -> "subprocess.CompletedProcess[str]":
        return self._run("entries", *self._reader(), *filters)

    def _reader(self) -> tuple[str, ...]:
        answering = b64url_encode(public_bytes(load_private_key(self.registry.folder / "registry.pem")))
        who = ("--key", str(self.registry.folder / "auditor.pem"), "--key-id", "auditor-1")
        return (*who, "--registry-key", answering, "--registry-key-id", "registry-1")

    def _run(self, command: str, *more: str) -> "subprocess.CompletedProcess[str]":
        registry = self.registry
        where = ("--log-url", registry.log_url, "--vkey", registry.log_key.vkey)
        return run_here(self.folder, "audit", command, *where, "--json", *more)

    @property
    def database(self) -> Path:
        return self.registry.folder / "registry.db"

    @contextmanager
    def altered(self, table: str, change: str, kind: str) -> Iterator[None]:
        """A row of an entry of some kind is changed for as long as the block runs."""
        found = f"SELECT rowid AS row, * FROM {table} WHERE kind = '{kind}' LIMIT 1"
        self.cheat(f"CREATE TABLE kept AS {found}", f"UPDATE {table} SET {change} WHERE rowid = (SELECT row FROM kept)")
        changed = ("core",) if table == "log_opening" else ("personal", "personal_salt")
        back = ", ".join(f"{each} = kept.{each}" for each in changed)
        try:
            yield
        finally:
            self.cheat(f"UPDATE {table} SET {back} FROM kept WHERE {table}.rowid = kept.row", "DROP TABLE kept")

    def cheat(self, *statements: str) -> None:
        """What an operator can do to its own database: the triggers go first, and come back afterwards."""
        connection = sqlite3.connect(self.database, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in guards:
            connection.execute(text)
        connection.execute("COMMIT")
        connection.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    """One registry for all tests; the last two each leave another history behind."""
    folder = tmp_path_factory.mktemp("audited")
    home = folder / "registry"
    home.mkdir()
    with one_registry(home) as registry:
        registry.report(listable(PEOPLE))
        registry.settled(PEOPLE)
        yield Audited(registry, folder)


@pytest.fixture
def honest(audited: Audited) -> Audited:
    """The same, for a test that puts back what it alters."""
    return audited


def test_an_auditor_accepts_the_log_and_only_reads_on_what_is_new(honest: Audited) -> None:
    state = ("--saved", str(honest.folder / "state.json"))
    first = honest.audit(*state)
    assert first.returncode == 0, first.stderr
    said = json_line(first.stdout)
    assert (said["findings"], said["entries"] == said["size"]) == (0, True)

    # Having read the openings is itself an entry.
    honest.registry.settled(int(str(said["size"])) + 1)
    again = honest.audit(*state, "--since-saved")
    assert again.returncode == 0, again.stderr
    assert json_line(again.stdout)["entries"] == 1

    mirror = honest.folder / "mirror"
    exported = run_here(
        honest.folder,
        *("audit", "export", "--log-url", honest.registry.log_url, "--vkey", honest.registry.log_key.vkey),
        *("--out", str(mirror)),
    )
    assert exported.returncode == 0, exported.stderr
    assert (mirror / "checkpoint").exists()
    assert (mirror / "tile" / "entries" / "000").exists()


def test_a_reading_by_a_named_member_of_staff_holds_and_its_number_stays_at_home(honest: Audited) -> None:
    key, number = honest.folder / "reference.key", "STAFF-4711-WANG"
    made = run_here(honest.folder, "keys", "new", "--kind", "reference", "--out", str(key))
    assert made.returncode == 0, made.stderr
    office = honest.folder / "office.toml"
    office.write_text(f'[reading]\npurpose = "SAMPLE"\nagent = "{number}"\nreference_key = "reference.key"\n')
    for _ in range(2):
        audit = honest.audit("--config", str(office))
        assert (audit.returncode, json_line(audit.stdout)["findings"]) == (0, 0), audit.stderr
    with closing(sqlite3.connect(honest.database)) as database:
        found = database.execute("SELECT personal FROM log_personal WHERE kind = 'log.read'").fetchall()
        cores = database.execute("SELECT core FROM log_opening WHERE kind = 'log.read'").fetchall()
    reference = References(b64url_decode(key.read_text().strip())).of(Named.AGENT, number)
    assert {json.loads(part)["agent"] for (part,) in found} == {b64url_encode(reference)}
    assert [json.loads(core)["facts"].get("purpose") for (core,) in cores].count("SAMPLE") == len(found) >= 2
    for path in honest.registry.folder.rglob("*"):
        if path.is_file():
            assert number.encode() not in path.read_bytes(), path


def test_an_operator_who_changes_what_an_entry_says_is_found_out(honest: Audited) -> None:
    another = "core = CAST(replace(CAST(core AS TEXT), 'carrier-a', 'carrier-b') AS BLOB)"
    with honest.altered("log_opening", another, "report.listed"):
        refused = honest.audit()
        checked = run("registry", "log", "check", "--config", str(honest.registry.config))
    assert refused.returncode == 1
    assert int(str(json_line(refused.stdout)["findings"])) >= 1
    assert "carrier-b" not in refused.stdout + refused.stderr
    assert checked.returncode == 1


def test_an_operator_who_changes_an_entry_loses_its_line_and_no_other(honest: Audited) -> None:
    whole = honest.entries("--kind", "report.listed", "--by", "carrier-a")
    assert (whole.returncode, len(whole.stdout.splitlines())) == (0, PEOPLE)
    assert "complete: entries 0 to " in whole.stderr
    another = "core = CAST(replace(CAST(core AS TEXT), 'carrier-a', 'carrier-b') AS BLOB)"
    with honest.altered("log_opening", another, "report.listed"):
        rest = honest.entries("--kind", "report.listed")
    assert (rest.returncode, len(rest.stdout.splitlines())) == (1, PEOPLE - 1)
    assert "not-proved: " in rest.stderr
    assert set(rest.stdout.splitlines()) < set(whole.stdout.splitlines())


def test_an_operator_who_erases_without_saying_so_is_found_out(honest: Audited) -> None:
    with honest.altered("log_personal", "personal = NULL, personal_salt = NULL", "report.listed"):
        refused = honest.audit()
    assert (refused.returncode, json_line(refused.stdout)["findings"]) == (1, 1)


def test_an_operator_who_signs_another_history_is_held_to_the_first_by_anybody_who_saw_it(audited: Audited) -> None:
    registry, state = audited.registry, ("--saved", str(audited.folder / "before.json"))
    assert audited.audit(*state, openings=False).returncode == 0
    registry.stop()
    _rewrite_history(audited)
    registry.start()

    fresh = audited.audit("--saved", str(audited.folder / "another.json"), openings=False)
    assert fresh.returncode == 0, "whoever never saw the first history cannot tell"
    held = audited.audit(*state, "--since-saved", openings=False)
    assert held.returncode == 1
    evidence = list(audited.folder.rglob("*.fork"))
    assert len(evidence) == 1
    shown = run_here(audited.folder, "audit", "fork", str(evidence[0]), "--vkey", registry.log_key.vkey)
    assert shown.returncode == 0, shown.stderr


def _rewrite_history(audited: Audited) -> None:
    """Entry 20 says something else, and everything above it is computed and signed anew: the operator has the key."""
    registry, year = audited.registry, audited.registry.year
    connection = sqlite3.connect(audited.database)
    digests = [row[0] for row in connection.execute("SELECT digest FROM log_leaf ORDER BY leaf_index")]
    connection.close()
    digests[20] = bytes(32)
    grown = append(Frontier(), leaf_hashes(b"\x01" + digest for digest in digests))
    frontier = grown.frontier
    head = Checkpoint(origin=registry.log_key.name, size=frontier.size, root=frontier.root())
    key = load_private_key(registry.folder / "log.pem")
    note = sign_checkpoint(head, name=head.origin, private_key=key).encode()
    full = next(each.data for each in grown.tiles if each.tile.is_full and each.tile.level == 0)
    audited.cheat(
        f"UPDATE log_leaf SET digest = x'{bytes(32).hex()}' WHERE leaf_index = 20",
        f"UPDATE log_tile SET data = x'{full.hex()}' WHERE level = 0 AND tile_index = 0",
        f"UPDATE log_head SET root = x'{head.root.hex()}', edges = x'{b''.join(frontier.edges).hex()}',"
        f" note = x'{note.hex()}', published = x'{note.hex()}'",
    )
    (registry.folder / "log-heads" / str(year)).write_bytes(note)


def test_a_restored_backup_serves_and_acknowledges_but_signs_no_second_history(audited: Audited) -> None:
    registry = audited.registry
    before = registry.settled(PEOPLE)
    registry.stop()
    backup = audited.folder / "backup.db"
    # Not the file alone: the last commits may still be in the one beside it.
    with closing(sqlite3.connect(audited.database)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    registry.start()
    registry.report(listable(20, first=10_000))
    published = registry.settled(before.size + 20)
    registry.stop()
    for leftover in audited.database.parent.glob("registry.db-*"):
        leftover.unlink()
    shutil.copy(backup, audited.database)

    registry.start()
    verdicts = registry.report(listable(5, first=20_000))
    assert [each["verdict"] for each in verdicts] == ["ACTIVE"] * 5
    restored = registry.settled(1)
    assert restored.size < published.size
    assert "database-behind" in (registry.folder / "logs" / "registry.log").read_text()
    status = json.loads(run("registry", "log", "status", "--config", str(registry.config)).stdout)
    assert status["pending"] >= 5
    # Nobody declared the restore, and the registry noticed it before it answered anybody.
    assert (status["incarnation"], status["undeclared"]) == (2, None)
    assert status["trees"][0]["remembered_size"] == published.size
