"""A registry that listens, for commands that talk to one."""

import datetime as dt
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from crypto.signing.keys import save_private_key
from protocol.codes import Role
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.api import admit
from tests.support.apps import an_app
from tests.support.commands import answered, registry
from tests.support.small_disk import small_disk
from tests.support.world import World, found_world


@pytest.fixture
def founding_rules() -> RuleBook:
    """The rules of the registry; a module that needs others has a fixture of this name."""
    return DEFAULT_RULES


@pytest.fixture
def world(sqlite_template: Path, tmp_path: Path, founding_rules: RuleBook) -> Iterator[World]:
    """A registry that listens on loopback, at the system's time, with the operator's and regulator's keys as files."""
    shutil.copy(sqlite_template, tmp_path / "registry.db")
    engines = make_engines(f"sqlite:///{tmp_path / 'registry.db'}")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        # Founded now: a registry of another day would have stood still since, and waits for a word on its clock.
        world = found_world(Store(engines), public_url=f"http://127.0.0.1:{port}", at=dt.datetime.now(dt.UTC))
        world.registry = replace(world.registry, founding_rules=founding_rules)
        admit(world, "regulator", Role.REGULATOR)
        for name in ("operator", "regulator"):
            save_private_key(world.signing_keys[name], tmp_path / f"{name}.pem")
        server = make_server("127.0.0.1", port, an_app(world.registry), fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield world
        server.shutdown()
        thread.join()
        server.server_close()
    engines.close()


@pytest.fixture
def config(capsys: pytest.CaptureFixture[str], registry: list[str]) -> list[str]:
    """A founded registry whose log waits."""
    answered(capsys, "registry", "init", *registry)
    return registry[:2]
