"""A founded registry on a fresh SQLite file, whose own tokens are held against the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from tests.support.world import World, found_world


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return found_world(sqlite_store)
