"""The real registry on SQLite behind the real application, in this process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.app import create_app
from api.limits import Limits
from protocol.codes import Role
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.api.client import Client, admit
from tests.world import found_world

LIMITS = Limits(json_bytes=1024 * 1024, batch_bytes=64 * 1024 * 1024, batch_decoded_bytes=128 * 1024 * 1024)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema and nothing in it: made once, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "registry.db"
    upgrade(f"sqlite:///{path}")
    return path


def open_client(template: Path, folder: Path, limits: Limits = LIMITS) -> Iterator[Client]:
    path = folder / "registry.db"
    shutil.copyfile(template, path)
    engines = make_engines(f"sqlite:///{path}")
    world = found_world(Store(engines), public_url="https://registry.test")
    admit(world, "reporter", Role.REPORTER)
    admit(world, "inquirer", Role.INQUIRER)
    admit(world, "auditor", Role.AUDITOR)
    admit(world, "regulator", Role.REGULATOR)
    admit(world, "adjudicator", Role.ADJUDICATOR)
    admit(world, "custodian", Role.CUSTODIAN)
    yield Client(create_app(world.registry, limits), world)
    engines.close()


@pytest.fixture
def client(empty_database: Path, tmp_path: Path) -> Iterator[Client]:
    yield from open_client(empty_database, tmp_path)


@pytest.fixture(scope="module")
def shared(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One registry for a whole module, for tests that only add to it."""
    yield from open_client(empty_database, tmp_path_factory.mktemp("shared"))
