"""A founded registry in a fresh database for each story: every story is told on SQLite and on PostgreSQL."""

import pytest

from registry.store.transactions import Store
from tests.support.world import World, found_world


@pytest.fixture
def world(store: Store) -> World:
    return found_world(store)
