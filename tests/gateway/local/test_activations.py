"""A program tells what became of an order by its number alone; the gateway finds the token and reports it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto.references import Named
from gateway.gateway import Gateway
from gateway.orders.values import KeptDecision
from protocol.encodings import format_time
from tests.support.apps import an_app
from tests.support.exports import resident
from tests.support.local import HERE, NUMBER, a_client, ask, name
from tests.support.orders import TOLD, OfBefore, forget_reports, spoil
from tests.support.parties import Parties
from tests.support.world import World

DONE: dict[str, Any] = {"order": "ORDER-1", "outcome": "ACTIVATED"}
OVER = DONE | {"outcome": "OVERRIDDEN", "reason": "MANAGER", "agent": "A-017", "approved_by": "B-001"}


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


def post(service: FlaskClient, body: dict[str, Any], path: str = "/activations", **headers: str) -> TestResponse:
    return service.post(path, json=body, base_url=HERE, headers=headers)


def check(service: FlaskClient, **changes: Any) -> dict[str, Any]:
    response = post(service, ask(**TOLD | {"order": "ORDER-1"} | changes), "/check")
    assert response.status_code == 200
    return dict(response.get_json())


def kept(gateway: Gateway, order: str) -> KeptDecision:
    found = gateway.tools.orders.newest(gateway.tools.references.of(Named.ORDER, order))
    assert found is not None
    return found


def reported(world: World) -> list[str]:
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [each.kind for each in entries if each.kind == "activation"]


def test_an_order_is_asked_about_opened_and_reported_by_its_number(service: FlaskClient, world: World) -> None:
    check(service, lines=3)
    response = post(service, DONE | {"languages": ["zh", "en"]})
    assert response.status_code == 201
    told = response.get_json()
    assert (told["basis"], told["obeyed"], told["notes"], told["unchecked_lines"]) == ("CHECKED", "YES", [], 0)
    assert (told["part"], told["revision"]) == (1, 1)
    assert told["texts"]["en"]["clerk"][0] == "Noted: opened as asked, postpaid."
    assert told["texts"].keys() == {"en", "zh"}
    assert {"row_id", "order"}.isdisjoint(told)
    assert len(reported(world)) == 1


def test_a_debtor_who_pays_is_checked_again_and_opened(service: FlaskClient, owed: None) -> None:
    first = check(service)
    assert first["decision"] == "PAY_FIRST"
    paid = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}, "account": "OWED", "kind": "FULL"}
    assert post(service, paid | {"amount_fen": first["quote"]["total_fen"]}, "/settlements").status_code == 201
    assert post(service, {"order": "ORDER-1"}, "/recheck").json["decision"] == "ALLOW"
    told = post(service, DONE).json
    assert (told["basis"], told["obeyed"]) == ("CHECKED", "YES")


def test_disobedience_is_taken_and_said(service: FlaskClient, owed: None) -> None:
    check(service)
    told = post(service, OVER | {"languages": ["en"], "outlet": "SH-PD-0999"}).json
    assert (told["obeyed"], told["notes"]) == ("NO", ["MOVED"])
    assert "It was not done as decided, and is noted as that." in told["texts"]["en"]["clerk"]


def test_the_same_call_again_says_the_same_and_doubles_nothing(
    service: FlaskClient, world: World, parties: Parties
) -> None:
    check(service)
    parties.registry.after_next.append(httpx.ReadError)
    first = post(service, DONE)
    world.clock.forward(hours=2)
    again = post(service, DONE)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert len(reported(world)) == 1


def test_a_call_whose_answer_never_came_is_repeated_under_its_own_time(
    service: FlaskClient, world: World, parties: Parties
) -> None:
    check(service)
    parties.registry.after_next.extend([httpx.ReadError] * 3)
    assert name(post(service, DONE)) == "unavailable"
    world.clock.forward(hours=2)
    again = post(service, DONE)
    assert (again.status_code, again.json["notes"], again.json["revision"]) == (201, [], 1)
    assert len(reported(world)) == 1


def test_another_outcome_is_the_next_revision(service: FlaskClient, world: World) -> None:
    check(service)
    post(service, DONE)
    cancelled = post(service, DONE | {"outcome": "CANCELLED_LATER", "reason": "APPLICANT"})
    assert (cancelled.status_code, cancelled.json["revision"]) == (201, 2)
    assert len(reported(world)) == 2


def test_parts_of_an_order_share_its_lines(service: FlaskClient) -> None:
    check(service, lines=3)
    parts = [post(service, DONE | {"part": part, "lines": 2}).json for part in (1, 2)]
    assert [each["unchecked_lines"] for each in parts] == [0, 1]
    assert parts[1]["notes"] == ["TOO_MANY_LINES"]


def test_an_order_that_nobody_asked_about_is_told_with_its_cause_or_not_at_all(
    service: FlaskClient, world: World
) -> None:
    response = post(service, DONE | {"order": "SECRET-ORDER"})
    assert (response.status_code, name(response)) == (404, "order-unknown")
    assert "SECRET" not in response.text
    assert reported(world) == []
    honest = DONE | {"unchecked": "SYSTEM_FAULT", "service_class": "MOBILE", "channel": "OUTLET"}
    told = post(service, honest).json
    assert (told["basis"], told["obeyed"]) == ("UNCHECKED", "NOT_BOUND")


def test_a_callers_key_names_the_request(service: FlaskClient) -> None:
    check(service)
    key = {"Idempotency-Key": "their-own-1"}
    first, again = post(service, DONE, **key), post(service, DONE, **key)
    assert first.json == again.json
    other = post(service, DONE | {"outcome": "PREPAID"}, **key)
    assert (other.status_code, name(other)) == (422, "idempotency-key-reused")
    assert name(post(service, DONE, **{"Idempotency-Key": "no key"})) == "invalid-field"


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"outcome": "OVERRIDDEN", "reason": "MANAGER"}, 422, "second-person-missing"),
        (OVER | {"approved_by": "A-017"}, 422, "same-person"),
        ({"outcome": "CANCELLED_LATER", "reason": "FRAUD"}, 409, "edge-not-allowed"),
        ({"revision": 2}, 409, "edge-not-allowed"),
        ({"outcome": "DECLINED"}, 422, "invalid-field"),
        ({"outcome": "DEPOSIT_TAKEN"}, 422, "invalid-field"),
        ({"at": "2026-11-20T00:00:00.000000Z"}, 422, "invalid-field"),
    ],
)
def test_the_registrys_refusals_are_passed_on_and_nothing_is_noted(
    service: FlaskClient, world: World, changes: dict[str, Any], status: int, problem: str
) -> None:
    check(service)
    response = post(service, DONE | changes)
    assert (response.status_code, name(response)) == (status, problem)
    assert reported(world) == []
    assert post(service, DONE).json["revision"] == 1


def test_a_decision_is_reported_on_for_ninety_days(service: FlaskClient, world: World) -> None:
    check(service)
    world.clock.forward(days=91)
    assert name(post(service, DONE)) == "token-expired"
    check(service, order="ORDER-2")  # a later write of the file of orders removes what is too old
    assert name(post(service, DONE)) == "order-unknown"


def test_a_token_that_is_foreign_altered_or_of_another_order_is_refused_by_its_name(
    service: FlaskClient, gateway: Gateway, parties: Parties, tmp_path: Path, world: World
) -> None:
    check(service)
    with parties.gateway("carrier-b") as other:
        check(a_client(other, tmp_path / "others.json"))
        foreign = kept(other, "ORDER-1")
    own = kept(gateway, "ORDER-1")
    header, claims, signature = own.decision_token.split(".")
    broken = ".".join((header, claims[:40] + ("A" if claims[40] != "A" else "B") + claims[41:], signature))
    wrong = {"F": foreign.decision_token, "O": own.decision_token, "B": broken}
    for order, token in wrong.items():
        reference = gateway.tools.references.of(Named.ORDER, order)
        gateway.tools.orders.keep([replace(own, order=reference, decision_token=token)], now=world.clock())
    said = {order: name(post(service, DONE | {"order": order})) for order in wrong}
    assert said == {"F": "token-foreign", "O": "token-other-order", "B": "token-invalid"}
    assert reported(world) == []


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "order", "REQUIRED"),
        ({"order": "1"}, "outcome", "REQUIRED"),
        (DONE | {"outcome": "OPENED"}, "outcome", "NOT_IN_VOCABULARY"),
        (DONE | {"at": "yesterday"}, "at", "NOT_A_TIME"),
        (DONE | {"part": 100}, "part", "OUT_OF_RANGE"),
        (DONE | {"revision": 0}, "revision", "OUT_OF_RANGE"),
        (DONE | {"lines": "2"}, "lines", "OUT_OF_RANGE"),
        (DONE | {"service_class": "TELEX"}, "service_class", "NOT_IN_VOCABULARY"),
        (DONE | {"reason": "BECAUSE"}, "reason", "NOT_IN_VOCABULARY"),
        (DONE | {"channel": "POST"}, "channel", "NOT_IN_VOCABULARY"),
        (DONE | {"outlet": "Wang Wei"}, "outlet", "MALFORMED"),
        (DONE | {"agent": "\u202e"}, "agent", "MALFORMED"),
        (DONE | {"approved_by": "x" * 65}, "approved_by", "TOO_LONG"),
        (DONE | {"deposit_fen": 0}, "deposit_fen", "OUT_OF_RANGE"),
        (DONE | {"unchecked": "FORGOTTEN"}, "unchecked", "NOT_IN_VOCABULARY"),
        (DONE | {"unchecked": "NOT_ASKED"}, "service_class", "REQUIRED"),
        (DONE | {"document": NUMBER}, "document", "UNKNOWN_FIELD"),
    ],
)
def test_a_wrong_member_is_named_and_its_value_is_not(
    service: FlaskClient, body: dict[str, Any], field: str, code: str
) -> None:
    response = post(service, body)
    assert (response.status_code, response.json["errors"]) == (422, [{"field": field, "code": code}])
    assert NUMBER not in response.text


def test_a_time_to_the_second_is_not_before_its_own_decision(service: FlaskClient, world: World) -> None:
    world.clock.forward(seconds=0.4)
    decided_at = check(service)["decided_at"]
    whole = dt.datetime.fromisoformat(decided_at).replace(microsecond=0)
    assert post(service, DONE | {"at": format_time(whole)}).status_code == 201


def test_nothing_is_sent_while_the_file_of_orders_takes_no_note(
    service: FlaskClient, parties: Parties, world: World
) -> None:
    check(service)
    spoil(parties.folder / "carrier-a" / "orders.db")
    before = parties.registry.requests
    response = post(service, DONE)
    assert (response.status_code, name(response)) == (503, "unavailable")
    assert parties.registry.requests == before


def test_numbers_of_orders_and_staff_stay_at_home(service: FlaskClient, parties: Parties) -> None:
    check(service, order="ORDER-PLANTED", agent="AGENT-PLANTED")
    told = DONE | {"order": "ORDER-PLANTED", "agent": "AGENT-PLANTED", "outcome": "OVERRIDDEN", "reason": "MANAGER"}
    assert post(service, told | {"approved_by": "CHIEF-PLANTED"}).status_code == 201
    found = b"".join(each.read_bytes() for each in (parties.folder / "carrier-a").glob("orders.db*"))
    for each in (b"PLANTED", resident(1).encode()):
        assert each not in found + parties.everything_sent()


def test_a_registry_of_before_is_told_from_a_refusal(service: FlaskClient, parties: Parties, world: World) -> None:
    check(service)
    today = parties.registry.inner
    parties.registry.inner = httpx.WSGITransport(OfBefore(an_app(world.registry), ("/v1/activation",)))
    response = post(service, DONE)
    assert (response.status_code, name(response)) == (501, "not-offered")
    assert "the registry is of an earlier release and takes no reports of activations yet" in response.json["detail"]
    parties.registry.inner = today
    assert post(service, DONE).json["revision"] == 1


def test_a_report_in_whose_place_another_stands_names_that_one(service: FlaskClient, tmp_path: Path) -> None:
    check(service)
    stands = post(service, DONE).get_json()["activation_id"]
    forget_reports(tmp_path / "carrier-a" / "orders.db")
    refused = post(service, DONE | {"outcome": "PREPAID", "revision": 1})
    assert (refused.status_code, name(refused)) == (409, "already-reported")
    assert refused.json["activation_id"] == stands
