"""The real registry on SQLite behind the real application, in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.store.migrate import upgrade
from tests.support.api import Client, open_client
from tests.support.serve import Served, serving
from tests.support.small_disk import small_disk


@pytest.fixture
def client(founded_sqlite_template: Path, tmp_path: Path) -> Iterator[Client]:
    yield from open_client(founded_sqlite_template, tmp_path)


@pytest.fixture(scope="module")
def shared(founded_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """One registry for a whole module, for tests that only add to it."""
    yield from open_client(founded_sqlite_template, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def served(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The registry's real server over a registry of this module."""
    with serving(sqlite_template, tmp_path_factory.mktemp("served")) as listening:
        yield listening
