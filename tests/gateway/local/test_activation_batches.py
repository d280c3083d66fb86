"""A program tells what became of many orders at once: a verdict for each, in order, and a bad one stops nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.gateway import Gateway
from protocol.messages.limits import MAX_BATCH
from tests.support.apps import an_app
from tests.support.exports import resident
from tests.support.local import HERE, NUMBER, a_client, ask, name
from tests.support.orders import TOLD, OfBefore, forget_reports, spoil
from tests.support.parties import Parties
from tests.support.restores import backup, restore
from tests.support.world import World

PATH = "/activations/batch"
PIECE = 3
Row = dict[str, Any]


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


@pytest.fixture
def in_pieces(parties: Parties, tmp_path: Path) -> Iterator[FlaskClient]:
    """A service that sends few rows at a time."""
    with parties.gateway(chunk_rows=PIECE) as built, a_client(built, tmp_path / "local-tokens.json") as client:
        yield client


def post(service: FlaskClient, *rows: Any, **members: Any) -> TestResponse:
    return service.post(PATH, json={"outcomes": list(rows)} | members, base_url=HERE)


def said(response: TestResponse) -> list[str]:
    assert response.status_code == 200, response.json
    return [each["verdict"] for each in response.json["verdicts"]]


def check(service: FlaskClient, *orders: str, **changes: Any) -> None:
    for order in orders:
        body = ask(**TOLD | {"order": order} | changes)
        assert service.post("/check", json=body, base_url=HERE).status_code == 200


def opened(order: str, **changes: Any) -> Row:
    return {"order": order, "outcome": "ACTIVATED"} | changes


def reported(world: World) -> int:
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return sum(each.kind == "activation" for each in entries)


def test_each_outcome_gets_its_verdict_in_order_and_a_bad_one_stops_none(service: FlaskClient, world: World) -> None:
    check(service, "ORDER-1", "ORDER-2", "ORDER-3")
    response = post(
        service,
        opened("ORDER-1"),
        opened("SECRET-9"),
        opened("ORDER-2", outcome="OPENED-SECRET"),
        opened("ORDER-2", outcome="DECLINED"),
        "SECRET",
        opened("ORDER-2", languages=["en"]),
        opened("ORDER-3", outcome="OVERRIDDEN", reason="MANAGER", agent="A-1", approved_by="A-1"),
        opened("ORDER-2", outcome="DECLINED", reason="NOT_PAID"),
        opened("ORDER-8", unchecked="NOT_ASKED"),
        opened("ORDER-8", unchecked="NOT_ASKED", service_class="MOBILE", channel="ONLINE"),
        languages=["en"],
    )
    assert said(response) == [
        "RECORDED",
        "REJ_ORDER_UNKNOWN",
        *["REJ_MALFORMED_ROW"] * 4,
        "REJ_SAME_PERSON",
        "RECORDED",
        "REJ_MALFORMED_ROW",
        "RECORDED",
    ]
    rows = response.json["verdicts"]
    faults = [[(each["field"], each["code"]) for each in row.get("errors", ())] for row in rows]
    assert faults[2:6] == [
        [("outcome", "NOT_IN_VOCABULARY")],
        [("reason", "required")],
        [("row", "WRONG_TYPE")],
        [("languages", "UNKNOWN_FIELD")],
    ]
    assert faults[8] == [("service_class", "REQUIRED")]
    assert (rows[0]["part"], rows[0]["revision"], rows[0]["basis"], rows[0]["obeyed"]) == (1, 1, "CHECKED", "YES")
    assert (rows[9]["basis"], rows[9]["obeyed"]) == ("UNCHECKED", "NOT_BOUND")
    assert rows[0]["texts"]["en"]["clerk"][:2] == ["It is reported.", "Noted: opened as asked, postpaid."]
    assert rows[6]["texts"]["en"]["clerk"] == ["Not reported: nobody approves an override of their own."]
    assert "SECRET" not in response.text
    assert reported(world) == 3


def test_the_same_call_again_doubles_nothing_and_judges_what_was_refused_anew(
    service: FlaskClient, world: World
) -> None:
    check(service, "ORDER-1", "ORDER-2")
    at = "2026-11-21T04:00:00.000000Z"
    late = opened("ORDER-2", outcome="CANCELLED_LATER", reason="APPLICANT", revision=2, at=at)
    first = post(service, opened("ORDER-1"), late)
    assert said(first) == ["RECORDED", "REJ_EDGE"]
    world.clock.forward(hours=2)
    again = post(service, opened("ORDER-1"), late)
    assert said(again) == ["DUPLICATE", "REJ_EDGE"]
    ids = [each.json["verdicts"][0]["activation_id"] for each in (first, again)]
    assert ids[0] == ids[1]
    assert said(post(service, opened("ORDER-2", at=at))) == ["RECORDED"]
    assert said(post(service, opened("ORDER-1"), late)) == ["DUPLICATE", "RECORDED"]
    assert reported(world) == 3


def test_what_was_told_alone_is_known_among_many_and_the_other_way_round(service: FlaskClient) -> None:
    check(service, "ORDER-1", "ORDER-2")
    alone = service.post("/activations", json=opened("ORDER-1"), base_url=HERE).json
    many = post(service, opened("ORDER-1"), opened("ORDER-2"))
    assert said(many) == ["DUPLICATE", "RECORDED"]
    assert many.json["verdicts"][0]["activation_id"] == alone["activation_id"]
    again = service.post("/activations", json=opened("ORDER-2"), base_url=HERE)
    assert (again.status_code, again.json["activation_id"]) == (200, many.json["verdicts"][1]["activation_id"])


def test_revisions_and_parts_of_one_order_follow_one_another_in_one_call(service: FlaskClient) -> None:
    check(service, "ORDER-1", lines=2)
    response = post(
        service,
        opened("ORDER-1", part=1),
        opened("ORDER-1", part=2),
        opened("ORDER-1", part=1, outcome="CANCELLED_LATER", reason="FRAUD"),
        opened("ORDER-1", part=2),
    )
    assert said(response) == ["RECORDED", "RECORDED", "RECORDED", "DUPLICATE"]
    assert [(each["part"], each["revision"]) for each in response.json["verdicts"]] == [(1, 1), (2, 1), (1, 2), (2, 1)]


def test_more_rows_than_one_piece_are_told_in_their_order(
    in_pieces: FlaskClient, world: World, parties: Parties
) -> None:
    orders = [f"ORDER-{number}" for number in range(7)]
    check(in_pieces, *orders)
    before = parties.registry.requests
    response = post(in_pieces, *map(opened, orders), opened("NOBODY"))
    assert said(response) == ["RECORDED"] * 7 + ["REJ_ORDER_UNKNOWN"]
    assert parties.registry.requests - before == 1 + 3
    assert reported(world) == 7


def test_a_call_whose_answer_never_came_is_repeated_and_doubles_nothing(
    in_pieces: FlaskClient, world: World, parties: Parties
) -> None:
    orders = [f"ORDER-{number}" for number in range(PIECE + 1)]
    check(in_pieces, *orders)
    rows = [opened(order) for order in orders]
    inner = parties.registry.inner
    parties.registry.inner = LosesSecondBatch(inner)
    lost = post(in_pieces, *rows)
    assert (lost.status_code, name(lost)) == (503, "unavailable")
    assert "send the same call again" in lost.json["detail"]
    parties.registry.inner = inner
    world.clock.forward(hours=2)
    assert said(post(in_pieces, *rows)) == ["DUPLICATE"] * len(rows)
    assert reported(world) == len(rows)


class LosesSecondBatch(httpx.BaseTransport):
    """A line on which every answer to a batch but the first is lost."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner, self._batches = inner, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        self._batches += "activation-batches" in request.url.path
        if "activation-batches" in request.url.path and self._batches > 1:
            answer.read()
            raise httpx.ReadError("lost on the way back")
        return answer


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "outcomes", "REQUIRED"),
        ({"outcomes": opened("ORDER-1")}, "outcomes", "WRONG_TYPE"),
        ({"outcomes": []}, "outcomes", "OUT_OF_RANGE"),
        ({"outcomes": [1] * (MAX_BATCH + 1)}, "outcomes", "OUT_OF_RANGE"),
        ({"outcomes": [1], "order": NUMBER}, "order", "UNKNOWN_FIELD"),
        ({"outcomes": [1], "languages": ["fr"]}, "languages", "NOT_IN_VOCABULARY"),
    ],
)
def test_a_call_that_is_none_is_refused_as_a_whole(
    service: FlaskClient, world: World, body: dict[str, Any], field: str, code: str
) -> None:
    response = service.post(PATH, json=body, base_url=HERE)
    assert (response.status_code, response.json["errors"]) == (422, [{"field": field, "code": code}])
    assert NUMBER not in response.text
    assert reported(world) == 0


def test_as_many_rows_as_the_limit_are_taken_and_a_body_beyond_a_mebibyte_is_not(service: FlaskClient) -> None:
    assert said(post(service, *[opened("x" * 64, agent="y" * 64)] * MAX_BATCH)) == ["REJ_ORDER_UNKNOWN"] * MAX_BATCH
    refused = post(service, "x" * (1024 * 1024))
    assert (refused.status_code, name(refused)) == (413, "body-too-large")


def test_another_report_that_stands_is_named_and_stays_noted(service: FlaskClient, tmp_path: Path) -> None:
    check(service, "ORDER-1")
    stands = post(service, opened("ORDER-1")).json["verdicts"][0]["activation_id"]
    forget_reports(tmp_path / "carrier-a" / "orders.db")
    refused = post(service, opened("ORDER-1", outcome="PREPAID", revision=1))
    assert said(refused) == ["REJ_ALREADY_REPORTED"]
    assert refused.json["verdicts"][0]["activation_id"] == stands
    assert "basis" not in refused.json["verdicts"][0]


def test_nothing_is_sent_while_the_file_of_orders_takes_no_note(service: FlaskClient, parties: Parties) -> None:
    check(service, "ORDER-1")
    before = parties.registry.requests
    spoil(parties.folder / "carrier-a" / "orders.db")
    response = post(service, opened("ORDER-1"))
    assert (response.status_code, name(response)) == (503, "unavailable")
    assert parties.registry.requests == before + 1  # it asked for the incarnation


def test_a_registry_of_before_is_told_from_a_refusal(service: FlaskClient, parties: Parties, world: World) -> None:
    check(service, "ORDER-1")
    parties.registry.inner = httpx.WSGITransport(OfBefore(an_app(world.registry), ("/v1/activation",)))
    response = post(service, opened("ORDER-1"))
    assert (response.status_code, name(response)) == (501, "not-offered")


def test_a_registry_that_was_restored_is_told_again(
    service: FlaskClient, world: World, parties: Parties, tmp_path: Path
) -> None:
    check(service, "ORDER-1")
    saved = backup(tmp_path)
    assert said(post(service, opened("ORDER-1"))) == ["RECORDED"]
    restore(world, tmp_path, saved)
    assert said(post(service, opened("ORDER-1"))) == ["RECORDED"]


def test_numbers_of_orders_and_staff_stay_at_home(service: FlaskClient, parties: Parties) -> None:
    check(service, "ORDER-PLANTED")
    told = opened("ORDER-PLANTED", agent="AGENT-PLANTED", outcome="OVERRIDDEN", reason="MANAGER")
    assert said(post(service, told | {"approved_by": "CHIEF-PLANTED"})) == ["RECORDED"]
    found = b"".join(each.read_bytes() for each in (parties.folder / "carrier-a").glob("orders.db*"))
    for each in (b"PLANTED", resident(1).encode()):
        assert each not in found + parties.everything_sent()
