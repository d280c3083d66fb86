"""When heads stand still, requests are acknowledged all the same, somebody is told, and the cure brings all back."""

import gc
import json
import logging
import shutil
import sqlite3
import threading
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from crypto.tlog.checkpoint import Checkpoint
from registry.store.engines import Engines, make_engines
from registry.store.transactions import Store
from registry.work.heads import LogHeads
from registry.work.integrator import Integrator
from tests.support.log_entries import (
    YEAR,
    acknowledged,
    all_is_integrated_once,
    an_integrator,
    bare_registry,
    last_year,
    one_history,
    published,
    remembered,
    signer,
)
from tests.support.world import World, found_world

NO_GUARDS = {
    "sqlite": (
        "DROP TRIGGER log_leaf_no_update",
        "DROP TRIGGER log_leaf_no_delete",
        "DROP TRIGGER log_tile_no_update",
        "DROP TRIGGER log_tile_no_delete",
        "DROP TRIGGER log_opening_no_delete",
    ),
    "postgresql": (
        "ALTER TABLE log_leaf DISABLE TRIGGER USER",
        "ALTER TABLE log_tile DISABLE TRIGGER USER",
        "ALTER TABLE log_opening DISABLE TRIGGER USER",
    ),
}


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="clearline.alarm")
    return caplog


def alarms(said: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """(code, state) of every line so far, each one JSON; the list is emptied."""
    lines = [(each.levelno, json.loads(each.message)) for each in said.records if each.name == "clearline.alarm"]
    said.clear()
    for level, line in lines:
        assert level == (logging.WARNING if line["state"] == "over" else logging.CRITICAL)
    return [(line["alarm"], line["state"]) for _, line in lines]


def tampered(url: str, *statements: str) -> None:
    """What somebody does who owns the database: the guards are off."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        for each in (*NO_GUARDS[kind], *statements):
            connection.exec_driver_sql(each)
    engine.dispose()


def octets(hexadecimal: str, url: str) -> str:
    return f"X'{hexadecimal}'" if url.startswith("sqlite") else f"'\\x{hexadecimal}'"


@pytest.fixture
def begun(world: World, tmp_path: Path) -> World:
    acknowledged(world.registry, 300)
    assert an_integrator(world, tmp_path).round().faults == ()
    return world


def a_head_of(world: World, folder: Path, *, size: int) -> bytes:
    """A head that the log could have signed."""
    origin = world.registry.log.origin(YEAR)
    return signer(world, folder)(Checkpoint(origin=origin, size=size, root=bytes(32)))


def unpublished(world: World, folder: Path, count: int) -> None:
    """Entries that are integrated and signed, and the file of published heads could not be written."""
    heads = folder / "log-heads"
    (heads / f"{YEAR}.new").mkdir()
    acknowledged(world.registry, count)
    assert an_integrator(world, folder).round().faults == ("heads-unwritable",)
    (heads / f"{YEAR}.new").rmdir()


def test_a_restored_backup_is_refused_until_the_process_is_started_again(
    sqlite_url: str, open_engines: Callable[[str], Engines], tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    store = Store(open_engines(sqlite_url))
    world = found_world(store)
    integrator = an_integrator(world, tmp_path)
    acknowledged(world.registry, 3)
    assert integrator.round().faults == ()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as live, sqlite3.connect(tmp_path / "backup.db") as backup:
        live.backup(backup)
    acknowledged(world.registry, 2)
    assert integrator.round().faults == ()
    shown = published(world.registry)
    assert alarms(said) == []
    store.close()
    for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        name.unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", path)
    restored = bare_registry(Store(open_engines(sqlite_url)), world.registry.log.name, world.registry.log.public_key)
    again = Integrator(restored, LogHeads(tmp_path / "log-heads", restored.log), signer(world, tmp_path))
    assert again.round().faults == ("database-behind",)
    assert alarms(said) == [("database-behind", "begins")]
    # Requests are acknowledged; what they log waits, and no head is signed over it.
    late = acknowledged(restored, 5)
    assert again.round().faults == ("database-behind",)
    assert restored.store.read(lambda tx: tx.pending.count()) == 5
    # Even when the tree would have grown past the published size, it is another tree.
    assert remembered(restored, tmp_path) == shown
    fresh = Integrator(restored, LogHeads(tmp_path / "log-heads", restored.log), signer(world, tmp_path))
    assert fresh.round().faults == ("database-behind",)
    assert len(late) == 5


def test_a_restored_backup_that_has_grown_past_the_published_head_is_refused(
    sqlite_url: str, open_engines: Callable[[str], Engines], tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    """It was integrated elsewhere, without the folder that remembers: larger than what was published, and another."""
    store = Store(open_engines(sqlite_url))
    world = found_world(store)
    assert an_integrator(world, tmp_path).round().faults == ()
    aside = tmp_path / "aside"
    aside.mkdir()
    shutil.copy(tmp_path / "log.pem", aside / "log.pem")
    shutil.copytree(tmp_path / "log-heads", aside / "log-heads")
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as live, sqlite3.connect(tmp_path / "backup.db") as backup:
        live.backup(backup)
    acknowledged(world.registry, 2)
    assert an_integrator(world, tmp_path).round().faults == ()
    other_url = f"sqlite:///{tmp_path}/backup.db"
    other = bare_registry(Store(open_engines(other_url)), world.registry.log.name, world.registry.log.public_key)
    acknowledged(other, 7)
    assert Integrator(other, LogHeads(aside / "log-heads", other.log), signer(world, aside)).round().faults == ()
    integrator = Integrator(other, LogHeads(tmp_path / "log-heads", other.log), signer(world, tmp_path))
    assert integrator.round().faults == ("roots-differ",)
    assert alarms(said) == [("roots-differ", "begins")]
    # The process does not try again by itself, whatever happens to the file in between.
    shutil.rmtree(tmp_path / "log-heads")
    shutil.copytree(aside / "log-heads", tmp_path / "log-heads")
    assert integrator.round().faults == ("roots-differ",)
    assert Integrator(other, LogHeads(tmp_path / "log-heads", other.log), signer(world, tmp_path)).round().faults == ()


def test_a_folder_of_heads_that_was_lost_is_noticed_and_cured_with_anybodys_copy(
    begun: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    note = (tmp_path / "log-heads" / f"{YEAR}").read_bytes()
    shutil.rmtree(tmp_path / "log-heads")
    entries = acknowledged(begun.registry, 1)
    integrator = an_integrator(begun, tmp_path)
    assert integrator.round().faults == ("heads-lost",)
    (tmp_path / "log-heads").mkdir(exist_ok=True)
    (tmp_path / "log-heads" / f"{YEAR}").write_bytes(note)
    assert integrator.round().faults == ()
    assert alarms(said) == [("heads-lost", "begins"), ("heads-lost", "over")]
    all_is_integrated_once(begun.registry, entries)


def test_one_years_head_that_was_lost_stops_that_year_alone(
    begun: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    """Nobody copies all years back at once, and the integrator runs meanwhile."""
    acknowledged(begun.registry, 2, last_year())
    integrator = an_integrator(begun, tmp_path)
    assert integrator.round().faults == ()
    file = tmp_path / "log-heads" / f"{YEAR - 1}"
    note = file.read_bytes()
    file.unlink()
    late, entries = acknowledged(begun.registry, 1, last_year()), acknowledged(begun.registry, 1)
    ids = [each.entry_id.bytes for each in (*late, *entries)]
    for each in (integrator, an_integrator(begun, tmp_path)):
        assert each.round().faults == ("heads-lost",)
    assert not file.exists()
    places = [begun.registry.store.read(lambda tx, each=each: tx.trees.place(each)) for each in ids]
    assert [each is None for each in places] == [True, False]
    file.write_bytes(note)
    assert integrator.round().faults == ()
    all_is_integrated_once(begun.registry, [*late, *entries])


def test_a_year_that_stands_still_for_a_week_takes_no_more_memory(begun: World, tmp_path: Path) -> None:
    """An exception that is raised again grows by its traceback every time."""
    (tmp_path / "log-heads" / f"{YEAR}").write_bytes(a_head_of(begun, tmp_path, size=999))
    integrator = an_integrator(begun, tmp_path)
    sizes = []
    for _ in range(2):
        for _ in range(40):
            assert integrator.round().faults == ("database-behind",)
        gc.collect()
        sizes.append(sum(isinstance(each, types.TracebackType) for each in gc.get_objects()))
    assert sizes[1] - sizes[0] < 40


@pytest.mark.parametrize(
    "changed",
    [
        ("UPDATE log_leaf SET digest = {} WHERE leaf_index = 310", "leaf-wrong"),
        ("DELETE FROM log_leaf WHERE leaf_index = 311", "leaf-missing"),
        ("UPDATE log_tile SET data = {tile} WHERE tile_index = 0", "tile-wrong"),
        ("DELETE FROM log_tile WHERE tile_index = 0", "tile-missing"),
        ("UPDATE log_head SET edges = {edges}", "edges-wrong"),
        ("UPDATE log_head SET root = {}", "edges-wrong"),
        ("UPDATE log_head SET edges = {}", "head-malformed"),
        ("UPDATE log_head SET note = NULL", "note-wrong"),
        ("UPDATE log_head SET note = published", "note-wrong"),
        ("UPDATE log_head SET published = {}", "note-wrong"),
    ],
)
def test_what_was_changed_in_the_database_is_noticed_before_anything_is_signed_or_shown(
    begun: World, founded_url: str, tmp_path: Path, said: pytest.LogCaptureFixture, changed: tuple[str, str]
) -> None:
    what, code = changed
    unpublished(begun, tmp_path, 3)
    said.clear()
    head = begun.registry.store.read(lambda tx: tx.trees.head(YEAR))
    edges = bytes([head.edges[0] ^ 1]) + head.edges[1:]
    given = what.format(
        octets("00" * 32, founded_url), tile=octets("00" * 8192, founded_url), edges=octets(edges.hex(), founded_url)
    )
    at = head.size - 4
    tampered(founded_url, given.replace("310", str(at)).replace("311", str(at)))
    before = published(begun.registry) if code != "note-wrong" else None
    integrator = an_integrator(begun, tmp_path)
    if not what.endswith("= published"):
        acknowledged(begun.registry, 1)
    assert integrator.round().faults == (code,)
    assert alarms(said) == [(code, "begins")]
    after = begun.registry.store.read(lambda tx: tx.trees.head(YEAR))
    assert after.size == head.size or what.startswith("UPDATE log_head SET published")
    if before is not None:
        assert published(begun.registry) == before


def test_an_entry_that_waits_without_its_opening_is_said_and_not_passed_over(
    begun: World, founded_url: str, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    acknowledged(begun.registry, 3)
    newest = "SELECT entry_id FROM log_pending ORDER BY entry_id DESC LIMIT 1"
    tampered(founded_url, f"DELETE FROM log_opening WHERE entry_id = ({newest})")  # noqa: S608 - our own words
    before = published(begun.registry)
    assert an_integrator(begun, tmp_path).round().faults == ("opening-missing",)
    assert alarms(said) == [("opening-missing", "begins")]
    assert published(begun.registry) == before


def test_a_leaf_that_is_not_kept_as_it_was_written_is_noticed_before_signing(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    """A trigger of somebody else's changes what the integrator inserts: what is read back is not what was computed."""
    world = found_world(sqlite_store)
    assert an_integrator(world, tmp_path).round().faults == ()
    tampered(
        sqlite_url,
        "CREATE TRIGGER evil AFTER INSERT ON log_leaf WHEN NEW.digest <> zeroblob(32)"
        " BEGIN UPDATE log_leaf SET digest = zeroblob(32) WHERE leaf_index = NEW.leaf_index; END",
    )
    entries = acknowledged(world.registry, 2)
    shown = published(world.registry)
    integrator = an_integrator(world, tmp_path)
    assert integrator.round().faults == ("leaf-wrong",)
    assert published(world.registry) == shown
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER evil")
    assert integrator.round().faults == ()
    assert alarms(said) == [("leaf-wrong", "begins"), ("leaf-wrong", "over")]
    all_is_integrated_once(world.registry, entries)


def test_without_its_key_heads_stand_still_and_requests_do_not(
    world: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    integrator = an_integrator(world, tmp_path)
    (tmp_path / "log.pem").chmod(0o644)
    entries = acknowledged(world.registry, 3)
    assert integrator.round().faults == ("log-key-unusable",)
    entries += acknowledged(world.registry, 3)
    assert published(world.registry) is None
    (tmp_path / "log.pem").rename(tmp_path / "away.pem")
    assert integrator.round().faults == ("log-key-unusable",)
    (tmp_path / "away.pem").rename(tmp_path / "log.pem")
    (tmp_path / "log.pem").chmod(0o600)
    assert integrator.round().faults == ()
    assert alarms(said) == [("log-key-unusable", "begins"), ("log-key-unusable", "over")]
    all_is_integrated_once(world.registry, entries)


def test_another_key_than_the_published_one_signs_nothing(
    world: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    world.signing_keys["log"], kept = world.signing_keys["carrier-a"], world.signing_keys["log"]
    integrator = an_integrator(world, tmp_path)
    assert integrator.round().faults == ("log-key-unusable",)
    (tmp_path / "log.pem").unlink()
    world.signing_keys["log"] = kept
    signer(world, tmp_path)
    assert integrator.round().faults == ()
    assert alarms(said) == [("log-key-unusable", "begins"), ("log-key-unusable", "over")]


def test_an_alarm_is_repeated_once_a_minute_and_ends_with_a_line(
    world: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    integrator = an_integrator(world, tmp_path)
    (tmp_path / "log.pem").chmod(0o644)
    for seconds, state in ((0, "begins"), (59, None), (1, "lasts"), (30, None), (45, "lasts")):
        world.clock.forward(seconds=seconds)
        assert integrator.round().faults == ("log-key-unusable",)
        assert alarms(said) == ([] if state is None else [("log-key-unusable", state)])
    (tmp_path / "log.pem").chmod(0o600)
    assert integrator.round().faults == ()
    assert integrator.round().faults == ()
    assert alarms(said) == [("log-key-unusable", "over")]


def test_a_year_whose_head_file_is_no_head_holds_up_no_other_year(
    begun: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log-heads" / f"{YEAR + 1}").write_bytes(b"no head")
    entries = acknowledged(begun.registry, 2)
    integrator = an_integrator(begun, tmp_path)
    done = integrator.round()
    assert (done.integrated, done.faults) == (2, ("head-file-malformed",))
    all_is_integrated_once(begun.registry, entries)
    assert alarms(said) == [("head-file-malformed", "begins")]


def test_a_folder_that_takes_no_head_files_stops_heads_alone(
    begun: World, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    entries = acknowledged(begun.registry, 4)
    before = published(begun.registry)
    (tmp_path / "log-heads" / f"{YEAR}.new").mkdir()
    integrator = an_integrator(begun, tmp_path)
    assert integrator.round().faults == ("heads-unwritable",)
    assert published(begun.registry) == before == remembered(begun.registry, tmp_path)
    entries += acknowledged(begun.registry, 4)
    assert integrator.round().faults == ("heads-unwritable",)
    (tmp_path / "log-heads" / f"{YEAR}.new").rmdir()
    assert integrator.round().faults == ()
    all_is_integrated_once(begun.registry, entries)
    one_history(begun.registry, [before])
    assert alarms(said) == [("heads-unwritable", "begins"), ("heads-unwritable", "over")]


def test_a_full_database_stops_heads_and_after_the_cure_all_is_integrated(
    sqlite_url: str, open_engines: Callable[[str], Engines], tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    engines = open_engines(sqlite_url)
    world = found_world(Store(engines))
    integrator = an_integrator(world, tmp_path)
    assert integrator.round().faults == ()
    entries = acknowledged(world.registry, 2_000)
    limit: list[int] = []

    def full(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        pages = limit[0] if limit else 1 << 30
        connection.execute(f"PRAGMA max_page_count={pages}")

    sa.event.listen(engines.write, "checkout", full)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        limit.append(connection.execute("PRAGMA page_count").fetchone()[0])
    assert integrator.round().faults == ("database-unavailable",)
    assert alarms(said) == [("database-unavailable", "begins")]
    limit.clear()
    # A little room: requests go through again before the log has caught up.
    entries += acknowledged(world.registry, 1)
    assert integrator.round().faults == ()
    assert alarms(said) == [("database-unavailable", "over")]
    all_is_integrated_once(world.registry, entries)


def test_a_postgresql_that_is_away_is_an_alarm_and_its_return_is_one_line(
    postgres_url: str, tmp_path: Path, said: pytest.LogCaptureFixture
) -> None:
    away = make_engines(postgres_url.replace("test_", "away_test_"))
    world = found_world(Store(make_engines(postgres_url)))
    entries = acknowledged(world.registry, 2)
    here, world.registry.store._engines = world.registry.store._engines, away
    integrator = an_integrator(world, tmp_path)
    world.registry.store._attempts = 1
    assert integrator.round().faults in {("database-unavailable",), ("database-refused",)}
    assert [state for _, state in alarms(said)] == ["begins"]
    world.registry.store._engines = here
    assert integrator.round().faults == ()
    assert [state for _, state in alarms(said)] == ["over"]
    all_is_integrated_once(world.registry, entries)
    here.close()
    away.close()


def test_it_runs_until_it_is_stopped_and_catches_up_without_pauses(world: World, tmp_path: Path) -> None:
    entries = acknowledged(world.registry, 100)
    integrator, stop = an_integrator(world, tmp_path, batch=2), threading.Event()
    thread = threading.Thread(target=integrator.run, args=(stop, 0.05))
    thread.start()
    try:
        for _ in range(200):
            if world.registry.store.read(lambda tx: tx.pending.count()) == 0:
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join()
    assert integrator.round().faults == ()
    all_is_integrated_once(world.registry, entries)
