"""Files are their owner's alone whatever the umask is, and no link leads a lock or a partial file elsewhere."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from custodian.ledger import Ledger
from gateway.bulk.evidence import Promised, keep
from gateway.bulk.progress import Progress, Run, locked
from gateway.errors import OutputBusy
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from serving import files
from tests.support.commands import called


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    """Sets the umask; it is put back at the end."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): f"{stat.S_IMODE(path.stat().st_mode):04o}" for path in sorted(folder.rglob("*"))
    }


def others_may_read(folder: Path) -> set[str]:
    return {name for name, mode in modes(folder).items() if int(mode, 8) & 0o077}


def test_a_founded_registry_and_its_worker_leave_nothing_for_others_but_the_public_keys(
    capsys: pytest.CaptureFixture[str], registry: list[str], tmp_path: Path, umask: Callable[[int], int]
) -> None:
    before = others_may_read(tmp_path)
    umask(0)
    assert called(capsys, "registry", "init", *registry)[0] == 0
    assert called(capsys, "registry", "worker", "--once", *registry[:2])[0] == 0
    assert {"registry.db", "registry.db-turn", "log-heads"} <= set(modes(tmp_path))
    assert others_may_read(tmp_path) - before == {"log.pem.pub", "registry.pem.pub"}
    assert modes(tmp_path)["log-heads"] == "0700"


def test_a_registry_database_is_private_with_all_that_stands_beside_it(
    tmp_path: Path, umask: Callable[[int], int]
) -> None:
    umask(0)
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    upgrade(url)
    engines = make_engines(url)
    Store(engines).write(lambda _: None)
    found = modes(tmp_path)
    engines.close()
    assert {"registry.db", "registry.db-wal", "registry.db-shm", "registry.db-turn", "registry.db-writer"} <= set(found)
    assert set(found.values()) == {"0600"}


def test_the_database_of_an_earlier_release_becomes_private_when_it_is_opened(tmp_path: Path) -> None:
    database = tmp_path / "registry.db"
    upgrade(f"sqlite:///{database}")
    database.chmod(0o644)
    engines = make_engines(f"sqlite:///{database}")
    Store(engines).ping()
    assert others_may_read(tmp_path) == set()
    engines.close()


def test_a_database_behind_a_link_is_made_private_where_it_lies(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "registry.db").symlink_to(tmp_path / "disk" / "real.db")
    upgrade(f"sqlite:///{tmp_path / 'registry.db'}")
    assert modes(tmp_path)["disk/real.db"] == "0600"


def test_a_ledger_is_private_with_all_that_stands_beside_it(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for name in ("new.db", "old.db"):
        ledger = Ledger(tmp_path / name)
        found = modes(tmp_path)
        ledger.close()
        assert {found[each] for each in (name, f"{name}-wal", f"{name}-shm")} == {"0600"}


def test_verdicts_progress_and_lock_are_private_in_private_folders(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    output = tmp_path / "new" / "folder" / "verdicts.csv"
    with locked(output):
        run = Run(output, "run")
        progress = run.append(run.begin(b"head\n", restart=False), b"row\n")
        (output.with_name("verdicts.csv.partial")).chmod(0o644)  # as an earlier release left it
        run.append(progress, b"row\n")
        assert {path.name for path in output.parent.iterdir()} == {
            ".verdicts.csv.lock",
            "verdicts.csv.partial",
            "verdicts.csv.progress",
        }
        assert others_may_read(tmp_path) == set()
        run.finish(progress)
    assert modes(tmp_path)["new/folder/verdicts.csv"] == "0600"
    assert modes(tmp_path)["new"] == modes(tmp_path)["new/folder"] == "0700"


def test_an_evidence_book_is_private(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    keep(tmp_path / "book", [Promised(file=tmp_path / "bill.pdf", salt=bytes(16), digest=bytes(32))])
    assert modes(tmp_path) == {"book": "0600"}


LINKED = {
    "lock": ".out.csv.lock",
    "partial": "out.csv.partial",
}


@pytest.mark.parametrize("name", LINKED.values(), ids=list(LINKED))
def test_a_link_in_the_place_of_a_lock_or_a_partial_file_is_refused(tmp_path: Path, name: str) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / name).symlink_to(precious)

    def begin() -> None:
        with locked(tmp_path / "out.csv"):
            Run(tmp_path / "out.csv", "run").begin(b"head\n", restart=True)

    with pytest.raises(OSError, match="is a link, and none is followed here"):
        begin()
    assert precious.read_text() == "keep me"


def test_a_link_that_takes_the_place_of_a_growing_file_is_refused(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me, all of it")
    run = Run(tmp_path / "out.csv", "run")
    progress = run.begin(b"head\n", restart=False)
    partial = tmp_path / "out.csv.partial"
    partial.unlink()
    partial.symlink_to(precious)
    steps: list[Callable[[], object]] = [
        lambda: run.append(progress, b"row\n"),
        lambda: run.begin(b"head\n", restart=False),
    ]
    for step in steps:
        with pytest.raises(OSError, match="is a link"):
            step()
    assert precious.read_text() == "keep me, all of it"


@pytest.mark.parametrize("name", ["registry.db-turn", "registry.db-writer"])
def test_a_link_in_the_place_of_a_writers_turn_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="is a link"):
        upgrade(f"sqlite:///{tmp_path / 'registry.db'}")
    assert not (tmp_path / "precious").exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda path: files.append_to(path).close(),
        lambda path: files.append_durably(path, b"x", 0),
        lambda path: files.begin_file(path).close(),
        files.open_private,
    ],
)
def test_no_link_is_followed_when_a_file_is_written(tmp_path: Path, write: Callable[..., Any]) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="is a link"):
        write(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_replaced_file_takes_the_place_of_a_link_and_leaves_its_target(
    tmp_path: Path, umask: Callable[[int], int]
) -> None:
    umask(0)
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    precious.chmod(0o600)
    (tmp_path / "file").symlink_to(precious)
    (tmp_path / "file.new").symlink_to(precious)
    files.write_durably(tmp_path / "file", b"new")
    assert (precious.read_text(), (tmp_path / "file").read_bytes()) == ("keep me", b"new")
    assert others_may_read(tmp_path) == set()


def test_a_pipe_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="is not a plain file"):
        files.open_private(tmp_path / "pipe")


def test_what_is_for_all_is_so_under_any_umask(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0o077)
    files.make_public_folder(tmp_path / "mirror" / "tile")
    files.write_durably(tmp_path / "mirror" / "checkpoint", b"x", files.FOR_ALL)
    files.write_whole(tmp_path / "mirror" / "tile" / "000", b"x", files.FOR_ALL)
    assert modes(tmp_path) == {
        "mirror": "0755",
        "mirror/checkpoint": "0644",
        "mirror/tile": "0755",
        "mirror/tile/000": "0644",
    }


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    with locked(tmp_path / "out"), pytest.raises(OutputBusy), locked(tmp_path / "out"):
        pass


def test_progress_is_replaced_whole_and_stays_private(tmp_path: Path, umask: Callable[[int], int]) -> None:
    umask(0)
    run = Run(tmp_path / "out", "run")
    before = run.begin(b"head\n", restart=False)
    assert isinstance(run.append(before, b"row\n"), Progress)
    assert modes(tmp_path)["out.progress"] == "0600"
