"""A reader of a log in memory, and where its heads are kept."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auditlog.heads import COSIGNED, HeadKeeper
from auditlog.party import LogParty
from auditlog.reader import LogReader
from auditlog.settings import LogSettings
from crypto.signing.keys import public_bytes, save_private_key
from gateway.wiring import build_log
from tests.support.apps import an_app
from tests.support.auditing import Auditor
from tests.support.house import gateway, mappings, parties, world
from tests.support.log_server import LOG, LOG_URL, LogServer, filled
from tests.support.logs import seeded_key
from tests.support.parties import REGISTRY_URL, Parties
from tests.support.world import World


@pytest.fixture
def server() -> LogServer:
    return filled(700)


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def reader(server: LogServer, pauses: list[float]) -> Iterator[LogReader]:
    with (
        httpx.Client(transport=httpx.WSGITransport(server)) as http,
        LogReader(LOG_URL, http, sleep=pauses.append) as reading,
    ):
        yield reading


@pytest.fixture
def keeper(tmp_path: Path) -> HeadKeeper:
    return HeadKeeper(tmp_path / "state", LOG)


@pytest.fixture
def cosigned(tmp_path: Path) -> HeadKeeper:
    return HeadKeeper(tmp_path / "state", LOG, kind=COSIGNED)


@pytest.fixture
def at_the_log(world: World, parties: Parties, tmp_path: Path) -> Iterator[Callable[..., LogParty]]:
    """A participant's side of the log, over the real application."""
    opened = []

    def build(participant: str, **changes: Any) -> LogParty:
        home = tmp_path / f"log-{participant}"
        if not (home / "signing.pem").exists():
            home.mkdir(exist_ok=True)
            save_private_key(world.signing_keys[participant], home / "signing.pem")
            save_private_key(seeded_key(participant), home / "witness.pem")
        log = LogSettings(
            url=f"{REGISTRY_URL}/log",
            name=world.registry.log.name,
            public_key=public_bytes(world.signing_keys["log"]),
            state=home / "state",
            witness_key=home / "witness.pem",
            witness_name=f"{participant}.witness",
            policy=home / "policy",
            faults=0,
        )
        settings = dataclasses.replace(
            parties.settings("carrier-a"),
            carrier=participant,
            key_id=f"{participant}-1",
            signing_key=home / "signing.pem",
            log=dataclasses.replace(log, **changes),
        )
        line = httpx.WSGITransport(an_app(world.registry))
        here = build_log(settings, transports={REGISTRY_URL: line, f"{REGISTRY_URL}/log": line}, clock=world.clock)
        opened.append(here)
        return here

    yield build
    for each in opened:
        each.close()


@pytest.fixture
def auditor(server: LogServer, reader: LogReader) -> Auditor:
    return Auditor(server, reader)


@pytest.fixture
def short_stretches(auditor: Auditor) -> None:
    """The auditor saves its state after each bundle."""
    auditor.stretch = 256
