"""A program gives a deposit back by its order's number; a clerk does so by the id that an event names."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto.references import Named
from gateway.gateway import Gateway
from gateway.orders.values import DEPOSIT_KEPT, REPORTED_KEPT
from protocol.encodings import format_time
from tests.support.local import HERE, a_client, ask
from tests.support.orders import TOLD
from tests.support.parties import Parties
from tests.support.world import World

TAKEN: dict[str, Any] = {"order": "ORDER-1", "outcome": "DEPOSIT_TAKEN", "deposit_fen": 118_00}


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    """A service whose carrier took a deposit for ORDER-1."""
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        assert post(client, ask(**TOLD | {"order": "ORDER-1"}), "/check").status_code == 200
        assert post(client, TAKEN, "/activations").status_code == 201
        yield client


def post(service: FlaskClient, body: dict[str, Any], path: str = "/deposits/returns") -> TestResponse:
    return service.post(path, json=body, base_url=HERE)


def a_return(world: World, **changes: Any) -> dict[str, Any]:
    return {"order": "ORDER-1", "fen": 118_00, "at": format_time(world.clock())} | changes


def test_a_deposit_goes_back_by_its_order_and_the_same_call_again_doubles_nothing(
    service: FlaskClient, world: World, parties: Parties
) -> None:
    part = a_return(world, fen=18_00)
    parties.registry.after_next.extend([httpx.ReadError] * 3)
    answers = [post(service, part) for _ in range(3)]
    assert [each.status_code for each in answers] == [503, 201, 201]
    assert answers[1].json == answers[2].json
    assert (answers[1].json["left_fen"], answers[1].json["state"]) == (100_00, "HELD")
    assert not {"order"} & (answers[1].json or {}).keys()
    ended = format_time(world.clock())[:10]
    over = post(service, a_return(world, fen=60_00, kept_fen=40_00, service_ended_on=ended)).json
    assert (over["state"], over["returned_fen"], over["kept_fen"]) == ("RETURNED", 78_00, 40_00)
    assert post(service, a_return(world, fen=1)).json["type"].endswith(":deposit-returned")


def test_what_is_refused_says_why(service: FlaskClient, world: World) -> None:
    assert post(service, a_return(world, order="ORDER-2")).json["type"].endswith(":order-unknown")
    more = post(service, a_return(world, fen=118_01))
    assert (more.status_code, more.json["left_fen"]) == (422, 118_00)
    assert post(service, a_return(world, fen=0, kept_fen=1)).json["type"].endswith(":service-not-ended")
    for member, code in (("at", "REQUIRED"), ("fen", "REQUIRED"), ("order", "REQUIRED")):
        body = {name: value for name, value in a_return(world).items() if name != member}
        assert post(service, body).json["errors"] == [{"field": member, "code": code}]
    for changes, code in (
        ({"at": ""}, "NOT_A_TIME"),
        ({"fen": -1}, "OUT_OF_RANGE"),
        ({"kept_fen": True}, "OUT_OF_RANGE"),
        ({"service_ended_on": "2026-02-30"}, "NOT_A_DATE"),
        ({"part": 0}, "OUT_OF_RANGE"),
    ):
        [member] = changes
        assert post(service, a_return(world, **changes)).json["errors"] == [{"field": member, "code": code}]


def test_the_file_of_orders_knows_a_deposit_as_long_as_it_may_come_back(
    service: FlaskClient, gateway: Gateway, world: World
) -> None:
    orders, order = gateway.tools.orders, gateway.tools.references.of(Named.ORDER, "ORDER-1")
    assert orders.deposit_of(order, 2) is None
    found = orders.deposit_of(order, 1)
    cancelled = {"order": "ORDER-1", "outcome": "CANCELLED_LATER", "reason": "APPLICANT"}
    assert post(service, cancelled, "/activations").status_code == 201
    assert orders.deposit_of(order, 1) == found
    for span, is_known in ((REPORTED_KEPT, True), (DEPOSIT_KEPT, False)):
        orders.takes_writes(now=world.clock() + span + dt.timedelta(days=1))
        assert (orders.deposit_of(order, 1) is not None) is is_known
