"""The log from the command line: integrated by the worker and by the server, told of, and checked."""

import datetime as dt
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.registry.work import left_to_others
from crypto.tlog.checkpoint import open_checkpoint
from crypto.tlog.keys import VerifierKey, parse_vkey
from crypto.tlog.merkle import EMPTY_ROOT
from registry.domain.rounds import Loop
from registry.settings import load
from serving.settings import SettingsError
from tests.support.commands import answered, called
from tests.support.root import ROOT


def entries(path: Path) -> int:
    with sqlite3.connect(path / "registry.db") as connection:
        return connection.execute("SELECT count(*) FROM log_opening").fetchone()[0]


def test_one_round_of_the_worker_integrates_what_waits(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    before = answered(capsys, "registry", "log", "status", *config)
    assert (before["pending"], before["trees"]) == (entries(tmp_path), [])
    code, _, err = called(capsys, "registry", "worker", "--once", *config)
    assert code == 0
    assert f"entries integrated: {entries(tmp_path)}\n" in err
    after = answered(capsys, "registry", "log", "status", *config)
    assert (after["pending"], after["behind_seconds"]) == (0, 0)
    [tree] = after["trees"]
    assert tree["size"] == tree["published_size"] == tree["remembered_size"] == entries(tmp_path)


def test_a_log_without_its_key_is_told_and_ends_the_round_with_1(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    (tmp_path / "log.pem").rename(tmp_path / "away.pem")
    code, _, err = called(capsys, "registry", "worker", "--once", *config)
    assert code == 1
    assert "entries integrated: 0" in err
    assert err.splitlines()[-1] == "clearline: the access log stands still: log-key-unusable"


def test_a_log_that_agrees_with_itself_is_found_so(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    found = answered(capsys, "registry", "log", "check", *config)
    [tree] = found["trees"]
    assert (tree["size"], tree["faults"]) == (entries(tmp_path), {})


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        (["DROP TRIGGER log_leaf_no_update", "UPDATE log_leaf SET digest = zeroblob(32)"], "leaf-wrong"),
        (["DROP TRIGGER log_leaf_no_delete", "DELETE FROM log_leaf WHERE leaf_index = 1"], "leaf-missing"),
        (["DROP TRIGGER log_opening_no_update", "UPDATE log_opening SET core = core_salt"], "opening-wrong"),
        (["DROP TRIGGER log_opening_no_delete", "DELETE FROM log_opening"], "opening-missing"),
        (["UPDATE log_head SET root = zeroblob(32)"], "edges-wrong"),
        (["UPDATE log_head SET note = zeroblob(32)"], "note-wrong"),
        (["DELETE FROM log_head"], "database-behind"),
    ],
)
def test_whatever_was_changed_is_found(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path, statements: list[str], code: str
) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    with sqlite3.connect(tmp_path / "registry.db") as connection:
        for each in statements:
            connection.execute(each)
    ended, out, err = called(capsys, "registry", "log", "check", *config)
    assert ended == 1
    assert code in json.loads(out)["trees"][0]["faults"]
    assert code in err.splitlines()[-1]


def test_a_restored_backup_is_found(capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    with sqlite3.connect(tmp_path / "registry.db") as connection:
        connection.execute("UPDATE log_head SET size = 0, root = ?, edges = ''", [EMPTY_ROOT])
        connection.execute("UPDATE log_head SET note = NULL, published = NULL")
    code, out, _ = called(capsys, "registry", "log", "check", *config)
    assert code == 1
    assert json.loads(out)["trees"][0]["faults"] == {"database-behind": 1}
    code, _, err = called(capsys, "registry", "worker", "--once", *config)
    assert (code, err.splitlines()[-1]) == (1, "clearline: the access log stands still: database-behind")


def wait_for_loops(path: Path) -> set[str]:
    """The loops of which a round was finished, once there are all of them or some seconds are over."""
    loops: set[str] = set()
    for _ in range(100):
        with sqlite3.connect(path / "registry.db") as connection:
            loops = {row[0] for row in connection.execute("SELECT loop FROM work_round WHERE finished_at IS NOT NULL")}
        if len(loops) == len(Loop):
            break
        time.sleep(0.1)
    return loops


def test_the_embedded_server_integrates_beside_its_requests_and_stops_with_them(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    settings = tmp_path / "registry.toml"
    settings.write_text(settings.read_text().replace("9100", str(port)))
    command = [sys.executable, "-c", "from cli.main import main; main()", "registry", "serve", *config]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            for _ in range(200):
                told = answered(capsys, "registry", "log", "status", *config)
                # Shown comes after placed, and both may come between two of the status' own looks.
                shown = [each["published_size"] for each in told["trees"]]
                if told["pending"] == 0 and shown == [entries(tmp_path)]:
                    break
                time.sleep(0.1)
            loops = wait_for_loops(tmp_path)
        finally:
            os.kill(process.pid, signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    # It runs its worker itself: nobody has to start another process.
    assert loops == {each.value for each in Loop}
    assert shown == [entries(tmp_path)]
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    ("database", "said", "integrates"),
    [
        ("sqlite:///registry.db", "", True),
        ("sqlite:///registry.db", "integrate = false\n", False),
        ("postgresql://db/registry", "", False),
        ("postgresql://db/registry", "integrate = true\n", True),
    ],
)
def test_a_server_integrates_by_itself_on_sqlite_unless_it_is_told(
    registry: list[str], tmp_path: Path, database: str, said: str, integrates: bool
) -> None:
    settings = tmp_path / "registry.toml"
    settings.write_text(settings.read_text().replace("sqlite:///registry.db", database) + said)
    assert load(settings, {}).integrate is integrates
    settings.write_text(settings.read_text().replace("integrate", "work"))
    loaded = load(settings, {})
    assert loaded.work is integrates
    assert any("runs no clock" in line for line in left_to_others(loaded)) is not integrates


def test_the_setting_is_true_or_false(registry: list[str], tmp_path: Path) -> None:
    settings = tmp_path / "registry.toml"
    settings.write_text(settings.read_text() + "integrate = 1\n")
    with pytest.raises(SettingsError, match="integrate must be true or false"):
        load(settings, {})


def test_a_new_log_begins_under_a_new_name_and_with_an_empty_folder_only(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    code, _, err = called(capsys, "registry", "log", "begin", *config)
    assert (code, "a new one begins with an empty folder" in err) == (1, True)
    shutil.move(tmp_path / "log-heads", tmp_path / "old-heads")
    # Under its own name nothing begins anew: that would be a fork.
    assert answered(capsys, "registry", "log", "begin", *config)["years"] == []
    assert called(capsys, "registry", "worker", "--once", *config)[0] == 1
    settings = tmp_path / "registry.toml"
    settings.write_text(settings.read_text() + 'log_name = "registry.example/second-log"\n')
    [year] = answered(capsys, "registry", "log", "begin", *config)["years"]
    assert answered(capsys, "registry", "log", "begin", *config)["years"] == []
    code, _, err = called(capsys, "registry", "worker", "--once", *config)
    assert code == 0, err
    assert (tmp_path / "log-heads" / str(year)).read_text().startswith(f"registry.example/second-log/{year}\n")
    [tree] = answered(capsys, "registry", "log", "check", *config)["trees"]
    assert (tree["size"], tree["faults"]) == (entries(tmp_path), {})


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[VerifierKey]:
    code, out, err = called(capsys, *words)
    assert (code, err) == (0, "")
    return [parse_vkey(line) for line in out.splitlines()]


def test_each_years_key_is_printed_also_of_years_to_come_and_under_the_name_of_then(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    called(capsys, "registry", "worker", "--once", *config)
    this = dt.datetime.now(dt.UTC).year
    name = load(tmp_path / "registry.toml", {}).log_name
    assert [key.name for key in printed(capsys, "registry", "log", "vkey", *config)] == [f"{name}/{this}"]
    both = printed(capsys, "registry", "log", "vkey", "--year", "2031", "--year", "2030", *config)
    assert [key.name for key in both] == [f"{name}/2030", f"{name}/2031"]
    [then] = printed(capsys, "registry", "log", "vkey", "--year", str(this), "--log-name", "old.example/log", *config)
    assert then.name == f"old.example/log/{this}"
    head = open_checkpoint(
        (tmp_path / "log-heads" / str(this)).read_bytes(),
        origin=f"{name}/{this}",
        log_keys=printed(capsys, "registry", "log", "vkey", "--year", str(this), *config),
    )
    assert head.checkpoint.size == entries(tmp_path)


def test_a_name_that_no_log_can_have_has_no_key(capsys: pytest.CaptureFixture[str], config: list[str]) -> None:
    code, out, err = called(capsys, "registry", "log", "vkey", "--year", "2030", "--log-name", "a b", *config)
    assert (code, out, err) == (1, "", "clearline: --log-name: is no name of a log\n")
