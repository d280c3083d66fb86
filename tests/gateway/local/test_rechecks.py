"""An order that waits is asked about again by its number alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto.references import Named
from gateway.gateway import Gateway
from tests.support.exports import resident
from tests.support.local import HERE, NUMBER, a_client, ask, name
from tests.support.orders import TOLD, spoil
from tests.support.parties import Parties


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


def post(service: FlaskClient, body: dict[str, Any], path: str = "/recheck") -> TestResponse:
    return service.post(path, json=body, base_url=HERE)


def pay(service: FlaskClient, total_fen: int) -> None:
    paid = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}, "account": "OWED", "kind": "FULL"}
    assert post(service, paid | {"amount_fen": total_fen}, "/settlements").status_code == 201


def test_a_debtor_who_paid_is_served_under_the_same_order(service: FlaskClient, owed: None) -> None:
    first = post(service, ask(**TOLD, order="ORDER-1"), "/check").json
    assert (first["decision"], first["order_kept"]) == ("PAY_FIRST", True)
    pay(service, first["quote"]["total_fen"])
    again = post(service, {"order": "ORDER-1", "languages": ["en"]})
    assert (again.status_code, again.json["decision"], again.json["changed"]) == (200, "ALLOW", True)
    assert (again.json["inquiry_id"], again.json["order_kept"]) == (first["inquiry_id"], True)
    assert "Go ahead with the order." in again.json["texts"]["en"]["clerk"]
    assert again.json["household_keys"] == first["household_keys"]


def test_the_newest_token_is_kept(service: FlaskClient, gateway: Gateway) -> None:
    post(service, ask(**TOLD, order="ORDER-1"), "/check")
    again = post(service, {"order": "ORDER-1"}).json
    kept = gateway.tools.orders.newest(gateway.tools.references.of(Named.ORDER, "ORDER-1"))
    assert kept is not None
    assert kept.decision_token == again["decision_token"]


def test_an_order_that_nobody_asked_about_is_not_known_and_not_repeated(service: FlaskClient) -> None:
    response = post(service, {"order": "SECRET-ORDER"})
    assert (response.status_code, name(response)) == (404, "order-unknown")
    assert "SECRET" not in response.text


def test_an_application_without_circumstances_keeps_no_order(service: FlaskClient) -> None:
    answer: dict[str, Any] = post(service, ask(), "/check").get_json()
    assert "order_kept" not in answer
    assert post(service, {"order": "ORD1"}).status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "order", "REQUIRED"),
        ({"order": 1}, "order", "WRONG_TYPE"),
        ({"order": "\u202e"}, "order", "MALFORMED"),
        ({"order": "1", "service_class": "TELEX"}, "service_class", "NOT_IN_VOCABULARY"),
        ({"order": "1", "languages": ["fr"]}, "languages", "NOT_IN_VOCABULARY"),
        ({"order": "1", "document": "110105"}, "document", "UNKNOWN_FIELD"),
    ],
)
def test_a_wrong_member_is_named(service: FlaskClient, body: dict[str, Any], field: str, code: str) -> None:
    response = post(service, body)
    assert (response.status_code, response.json["errors"]) == (422, [{"field": field, "code": code}])


def test_the_registrys_last_word_is_passed_on(service: FlaskClient, world: Any) -> None:
    post(service, ask(**TOLD, order="ORDER-1"), "/check")
    for _ in range(20):
        assert post(service, {"order": "ORDER-1"}).status_code == 200
    response = post(service, {"order": "ORDER-1"})
    assert (response.status_code, name(response)) == (409, "recheck-over")


def test_a_decision_is_told_although_its_token_cannot_be_kept(
    service: FlaskClient, gateway: Gateway, parties: Parties, caplog: pytest.LogCaptureFixture
) -> None:
    orders = parties.folder / "carrier-a" / "orders.db"
    spoil(orders)
    answer = post(service, ask(**TOLD, order="ORDER-1"), "/check")
    assert (answer.status_code, answer.json["decision"], answer.json["order_kept"]) == (200, "ALLOW", False)
    assert "orders-unwritable reason=SQLITE_NOTADB" in caplog.text
    assert service.get("/readyz", base_url=HERE).json["alarms"] == ["orders-unwritable"]
    refused = post(service, {"order": "ORDER-1"})
    assert (refused.status_code, name(refused)) == (503, "unavailable")
    orders.unlink()
    assert post(service, ask(**TOLD, order="ORDER-1"), "/check").json["order_kept"]
    assert service.get("/readyz", base_url=HERE).json["alarms"] == []


def test_the_file_of_orders_holds_no_number_no_name_and_no_address(service: FlaskClient, parties: Parties) -> None:
    planted = {"order": "ORDER-PLANTED", "agent": "AGENT-PLANTED", "consent": "CONSENT-PLANTED"}
    home = {"household_register": "4201060011665", "address": "planted-address"}
    post(service, ask(**TOLD | planted | home), "/check")
    post(service, {"order": "ORDER-PLANTED"})
    folder = parties.folder / "carrier-a"
    found = b"".join(each.read_bytes() for each in folder.glob("orders.db*"))
    assert found.count(b"eyJ") >= 2
    for each in (b"PLANTED", b"planted", resident(1).encode(), b"4201060011665"):
        assert each not in found
