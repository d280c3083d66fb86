"""A whole house in one process: three custodians, the registry on SQLite, and gateways; and small exports."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.counter.settlements import Payment
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.wiring import build_for_checks
from protocol.codes import SettlementKind
from protocol.identifiers import DocumentKind
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.support.apps import an_app
from tests.support.compiled import share_statements
from tests.support.exports import debt, resident, write, write_mappings
from tests.support.grade_reviews import grading_begins
from tests.support.grades import sets_terms
from tests.support.parties import REGISTRY_URL, Parties, gather
from tests.support.world import World, a_world, template_secrets


@pytest.fixture
def world(tmp_path: Path, founded_sqlite_template: Path) -> Iterator[World]:
    shutil.copy(founded_sqlite_template, tmp_path / "registry.db")
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    engines = share_statements(make_engines(url))
    yield a_world(Store(engines), template_secrets(), public_url=REGISTRY_URL)
    engines.close()


@pytest.fixture
def parties(tmp_path: Path, world: World) -> Iterator[Parties]:
    app = an_app(world.registry)
    gathered = gather(tmp_path, clock=world.clock, signing_keys=world.signing_keys, registry=httpx.WSGITransport(app))
    yield gathered
    gathered.close()


@pytest.fixture
def gateway(parties: Parties) -> Iterator[Gateway]:
    with parties.gateway() as built:
        yield built


@pytest.fixture
def checks(parties: Parties) -> Iterator[Gateway]:
    with build_for_checks(parties.settings("carrier-a"), transports=parties.lines, clock=parties.clock) as built:
        yield built


@pytest.fixture
def mappings(tmp_path: Path) -> Path:
    folder = tmp_path / "mappings"
    folder.mkdir()
    write_mappings(folder)
    return folder


@pytest.fixture
def owed(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    """Resident 1 owes the default debt of an export to carrier-a."""
    source = write(tmp_path / "arrears.csv", [debt("OWED")])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")


@pytest.fixture
def low_grade(gateway: Gateway, world: World, tmp_path: Path, mappings: Path) -> RawIdentity:
    """Resident 4 paid carrier-a after 70 days; both carriers ask for a deposit where a grade is low."""
    grading_begins(world)
    for carrier in ("carrier-a", "carrier-b"):
        sets_terms(world, carrier)
    source = write(tmp_path / "late.csv", [debt("LATE", 证件号码=resident(4))])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "late-reported.csv")
    world.clock.forward(days=70)
    payer = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(4))
    gateway.settle(Payment(identity=payer, account="LATE", kind=SettlementKind.FULL, amount_fen=9_000_00))
    return payer
