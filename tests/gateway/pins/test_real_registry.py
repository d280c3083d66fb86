"""The real registry logs a committee, witnesses cosign its head, and a gateway takes the committee by itself."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from crypto.signing.keys import public_bytes
from gateway.identity.documents import RawIdentity
from gateway.pins.codes import PinCode
from gateway.pins.values import Taken
from gateway.settings import GatewaySettings
from protocol.identifiers import DocumentKind
from registry.usecases.log.cosign import cosign
from registry.usecases.log.witnesses import read_policy
from tests.support.apps import an_app
from tests.support.ceremonies import first_custodians, first_held
from tests.support.committees import admit_custodians, reported
from tests.support.exports import resident
from tests.support.house import world
from tests.support.log_rounds import YEAR, admit_witnesses, cosigned_note, integrate_all, propose
from tests.support.log_server import URL
from tests.support.parties import Line
from tests.support.pins import PinHouse
from tests.support.world import World

__all__ = ["world"]
WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))


@pytest.fixture
def house(tmp_path: Path, world: World) -> Iterator[PinHouse]:
    """The parties of other tests around the real registry."""
    key = world.signing_keys["carrier-a"]
    made = PinHouse(tmp_path, clock=world.clock, custodians=first_custodians(), first=first_held(), carrier_key=key)
    registry = httpx.WSGITransport(an_app(world.registry))
    made.lines |= {url: Line(registry) for url in (URL, f"{URL}/log")}
    yield made
    made.close()


def settings_of(house: PinHouse, world: World) -> GatewaySettings:
    made = house.settings(registry_public_key=public_bytes(world.signing_keys["registry"]))
    assert made.log is not None
    return replace(made, log=replace(made.log, public_key=public_bytes(world.signing_keys["log"])))


def test_a_gateway_takes_the_committee_that_the_registry_logged(house: PinHouse, world: World, tmp_path: Path) -> None:
    admit_custodians(world)
    admit_witnesses(world, "one", "two")
    integrate_all(world, tmp_path)
    (tmp_path / "policy").write_bytes(read_policy(world.registry, YEAR))
    settings = settings_of(house, world)
    second = house.reshared(first_held())
    house.serve(second)
    reported(world, first_held())
    reported(world, second)
    outcome = house.check(settings)
    assert outcome.refused is not None
    assert outcome.refused.code is PinCode.NOT_LOGGED
    integrate_all(world, tmp_path)
    with house.gateway(settings) as gateway:
        before = gateway.tokenise([WHO])
        # A candidate stands for some seconds, and that of the first round is smaller.
        world.clock.forward(seconds=30)
        note = cosigned_note(world, propose(world), "one", "two")
        cosign(world.registry, world.actor("carrier-a"), world.call(), year=YEAR, note=note)
        outcome = house.check(settings)
        assert (outcome.refused, outcome.silent, outcome.stopped) == (None, None, None)
        assert (outcome.is_well, outcome.is_taken, outcome.pins.number) == (True, True, (1, 2))
        house.retire(first_held())
        assert gateway.tokenise([WHO]) == before
    assert house.book(settings).pins().taken is Taken.LOGGED
