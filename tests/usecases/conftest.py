"""A founded registry in a database of its own for each story: every story is told on SQLite and on PostgreSQL."""

import zlib
from collections.abc import Callable

import pytest

from registry.store.engines import Engines
from registry.store.transactions import Store
from tests.support.compiled import share_statements
from tests.support.world import World, a_world, template_secrets


@pytest.fixture
def world(request: pytest.FixtureRequest, founded_url: str, open_engines: Callable[..., Engines]) -> World:
    # Every fourth story, by its name, is told on engines for a database whose tables are spread: the watch then wants
    # row locks of one key at a time.
    spread = zlib.crc32(request.node.name.encode()) % 4 == 0
    return a_world(Store(share_statements(open_engines(founded_url, spread=spread))), template_secrets())
