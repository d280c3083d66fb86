"""The order system's events tell what became of an order, by the same way as a program's own report."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.gateway import Gateway
from gateway.tmf.events import read_event
from protocol.problems import Refusal
from tests.support.contract import refused_as
from tests.support.local import HERE, NUMBER, a_client
from tests.support.orders import forget_reports, spoil
from tests.support.parties import Parties
from tests.support.tmf import CHECK, LISTENER, TABLES, a_check, an_event, item, ordered
from tests.support.told import facts_of
from tests.support.world import World


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json", tmf=TABLES) as client:
        yield client


@pytest.fixture
def checked(service: FlaskClient) -> FlaskClient:
    """A service that was asked about a mobile line of ORDER-1."""
    check(service)
    return service


def post(service: FlaskClient, body: dict[str, Any], path: str = LISTENER) -> TestResponse:
    return service.post(path, json=body, base_url=HERE)


def check(service: FlaskClient, *items: dict[str, Any], **members: Any) -> dict[str, Any]:
    response = post(service, a_check(*items, **members), CHECK)
    assert response.status_code == 200, response.json
    return dict(response.get_json())


def hear(service: FlaskClient, *told: Any, **order: Any) -> None:
    response = post(service, an_event(*told, **order))
    assert (response.status_code, response.data) == (204, b""), response.json


def refused(response: TestResponse) -> tuple[int, str | None]:
    return response.status_code, refused_as(response)


def reported(world: World) -> list[tuple[str, ...]]:
    """Outcome, reason and service of each report that the registry took, by part and revision."""
    return [
        tuple(str(facts[each]) for each in ("outcome", "reason", "service") if each in facts)
        for facts in reports(world)
    ]


def reports(world: World) -> list[dict[str, Any]]:
    return sorted(facts_of(world, "activation"), key=lambda facts: (facts["part"], facts["revision"]))


def test_a_completed_order_is_reported_as_opened(checked: FlaskClient, world: World) -> None:
    hear(checked)
    assert reported(world) == [("ACTIVATED", "MOBILE")]


def test_an_order_that_ended_otherwise_is_reported_as_declined(service: FlaskClient, world: World) -> None:
    for state in ("cancelled", "rejected", "failed"):
        check(service, clearlineOrder=f"ORDER {state}")
        hear(service, state, id=f"ORDER {state}")
    assert reported(world) == [("DECLINED", "OTHER", "MOBILE")] * 3


def test_an_order_that_is_cancelled_after_its_completion_was_closed_again(checked: FlaskClient, world: World) -> None:
    hear(checked, "completed", "1")
    hear(checked, "cancelled", "2")
    assert reported(world) == [("ACTIVATED", "MOBILE"), ("CANCELLED_LATER", "APPLICANT", "MOBILE")]


def test_the_same_event_again_reports_nothing_whatever_came_between(checked: FlaskClient, world: World) -> None:
    for told in (("completed", "1"), ("cancelled", "2")) * 2:
        hear(checked, *told)
        world.clock.forward(hours=1)
    assert len(reported(world)) == 2


def test_another_event_of_the_same_state_reports_nothing(checked: FlaskClient, world: World) -> None:
    for told in (("completed", "1"), ("completed", "2"), ("cancelled", "3"), ("failed", "4")):
        hear(checked, *told)
    assert len(reported(world)) == 2


def test_an_order_that_was_opened_by_another_way_is_not_reported_again(checked: FlaskClient, world: World) -> None:
    told = {"order": "ORDER-1", "outcome": "DEPOSIT_TAKEN", "deposit_fen": 20000}
    assert post(checked, told, "/activations").status_code == 201
    hear(checked)
    assert reported(world) == [("DEPOSIT_TAKEN", "MOBILE")]


def test_an_order_on_its_way_is_heard_of_and_not_reported(checked: FlaskClient, world: World) -> None:
    for state in ("acknowledged", "inProgress", "held", "pending", "draft", "a later state"):
        hear(checked, state)
        hear(checked, state, id="NEVER-CHECKED")
    assert reported(world) == []


def test_a_reason_of_ours_goes_along(checked: FlaskClient, world: World) -> None:
    hear(checked, clearlineReason="REVIEWED")
    hear(checked, "cancelled", "2", clearlineReason="FRAUD")
    assert reported(world) == [("ACTIVATED", "REVIEWED", "MOBILE"), ("CANCELLED_LATER", "FRAUD", "MOBILE")]


def test_a_reason_that_does_not_fit_is_refused(checked: FlaskClient, world: World) -> None:
    response = post(checked, an_event(clearlineReason="FRAUD"))
    assert refused(response) == (422, "invalid-field")
    assert response.json["message"] == "event.productOrder.clearlineReason: NOT_IN_VOCABULARY"
    assert reported(world) == []


def test_the_order_is_found_by_one_of_its_other_numbers(checked: FlaskClient, world: World) -> None:
    other = [{"@type": "ExternalIdentifier", "id": each} for each in ("x" * 100, "CART-9", "ORDER-1")]
    hear(checked, id="PO-77", externalId=other)
    assert len(reported(world)) == 1
    check(checked, clearlineOrder="CART-9")
    response = post(checked, an_event("completed", "2", id="PO-77", externalId=other))
    assert refused(response) == (422, "invalid-field")
    assert "AMBIGUOUS" in response.json["message"]


def test_an_order_that_was_not_asked_about_has_a_code_of_its_own(service: FlaskClient, world: World) -> None:
    response = post(service, an_event(id="SECRET-ORDER"))
    assert refused(response) == (404, "order-unknown")
    assert "SECRET" not in response.text
    assert reported(world) == []


def test_an_order_of_several_services_is_reported_for_each(service: FlaskClient, world: World) -> None:
    check(service, item(), item("FIBRE-500", id="2"), item("TV", id="3"))
    ordered_items = [ordered("MOBILE-129", quantity=2), ordered("FIBRE-500"), ordered("HANDSET")]
    hear(service, productOrderItem=ordered_items)
    assert reported(world) == [("ACTIVATED", "MOBILE"), ("ACTIVATED", "BROADBAND"), ("DECLINED", "OTHER", "IPTV")]
    assert [(facts["lines"], facts.get("unchecked_lines", 0)) for facts in reports(world)] == [(2, 0), (1, 0), (1, 0)]
    hear(service, "cancelled", "2", productOrderItem=[ordered("MOBILE-129", state="cancelled")])
    assert len(reported(world)) == 5


def test_an_order_whose_items_are_not_told_has_the_lines_that_were_asked_about(
    service: FlaskClient, world: World
) -> None:
    check(service, item(), item(id="2"), item("TV", id="3"))
    hear(service)
    assert reported(world) == [("ACTIVATED", "MOBILE"), ("ACTIVATED", "IPTV")]
    assert [(facts["lines"], facts.get("unchecked_lines", 0)) for facts in reports(world)] == [(2, 0), (1, 0)]


def test_the_prepaid_alternate_is_reported_as_prepaid(service: FlaskClient, world: World, owed: None) -> None:
    check(service)
    hear(service, productOrderItem=[ordered("MOBILE-PREPAID"), ordered("MOBILE-129", action="delete")])
    assert reported(world) == [("PREPAID", "MOBILE")]
    assert [facts["obeyed"] for facts in facts_of(world, "activation")] == ["YES"]


ITEM = "event.productOrder.productOrderItem"
BY_PARTS = [
    (an_event("partial"), "event.productOrder.state", "TELL_BY_ACTIVATIONS"),
    (
        an_event(productOrderItem=[ordered("TV"), ordered("MOBILE-129", state="failed")]),
        f"{ITEM}.1.state",
        "TELL_BY_ACTIVATIONS",
    ),
    (
        an_event("cancelled", productOrderItem=[ordered("MOBILE-129", state="completed")]),
        f"{ITEM}.0.state",
        "TELL_BY_ACTIVATIONS",
    ),
    (
        an_event(productOrderItem=[ordered("MOBILE-129-DEPOSIT")]),
        f"{ITEM}.0.productOffering.id",
        "TELL_BY_ACTIVATIONS",
    ),
    (
        an_event(productOrderItem=[ordered("MOBILE-129"), ordered("MOBILE-PREPAID")]),
        f"{ITEM}.1.productOffering.id",
        "TELL_BY_ACTIVATIONS",
    ),
    (an_event(productOrderItem=[ordered("TV", quantity=10_000), ordered("TV")]), f"{ITEM}.1.quantity", "OUT_OF_RANGE"),
    (an_event(productOrderItem=[ordered("TV", quantity=0)]), f"{ITEM}.0.quantity", "OUT_OF_RANGE"),
    (an_event(productOrderItem=[ordered("TV", quantity=1.5)]), f"{ITEM}.0.quantity", "WRONG_TYPE"),
    (an_event() | {"eventId": None}, "eventId", "REQUIRED"),
    (an_event() | {"eventType": "ProductOrderCreateEvent"}, "eventType", "INVALID"),
    (an_event() | {"event": {}}, "event.productOrder", "REQUIRED"),
    (an_event() | {"eventTime": "2026-02-30T00:00:00Z"}, "eventTime", "NOT_A_TIME"),
    (an_event(completionDate="2026-11-29T25:00:00Z"), "event.productOrder.completionDate", "NOT_A_TIME"),
    (an_event(externalId=7), "event.productOrder.externalId", "WRONG_TYPE"),
]


@pytest.mark.parametrize(("body", "field", "code"), BY_PARTS)
def test_an_event_that_says_too_little_is_refused_by_its_member(body: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Refusal) as wrong:
        read_event(body, TABLES)
    assert wrong.value.fields == {field: code}


def test_a_service_that_was_not_asked_about_is_not_told_as_if_it_was(checked: FlaskClient, world: World) -> None:
    response = post(checked, an_event(productOrderItem=[ordered("MOBILE-129"), ordered("TV")]))
    assert refused(response) == (404, "order-unknown")
    assert reported(world) == []


def test_the_time_is_that_of_the_order_and_else_that_of_the_event(checked: FlaskClient, world: World) -> None:
    world.clock.forward(hours=1)
    end = world.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    world.clock.forward(hours=1)
    later = world.clock().isoformat(timespec="seconds")
    world.clock.forward(hours=1)
    hear(checked, completionDate=end)
    event = an_event("cancelled", "2") | {"eventTime": later}
    assert post(checked, event).status_code == 204
    told = [facts["done_at"][:19] for facts in reports(world)]
    assert told == [end[:19], later[:19]]


def test_an_order_that_was_done_before_it_was_asked_about_is_the_registrys_word(checked: FlaskClient) -> None:
    response = post(checked, an_event(completionDate="2026-01-01T00:00:00+08:00"))
    assert refused(response) == (422, "invalid-field")


def test_members_of_somebody_elses_order_are_passed_over(checked: FlaskClient, world: World) -> None:
    event = an_event(
        orderTotalPrice=[{"price": {"taxIncludedAmount": {"unit": "CNY", "value": 129.99}}}],
        relatedParty=[{"name": NUMBER}],
        theirOwnMember={"deep": [[[[[[[[[[[[[[1e-7]]]]]]]]]]]]]]},
    )
    assert post(checked, event | {"correlationId": "x"}).status_code == 204
    assert len(reported(world)) == 1


def test_an_event_whose_answer_never_came_is_sent_again_and_doubles_nothing(
    checked: FlaskClient, world: World, parties: Parties
) -> None:
    parties.registry.after_next.extend([httpx.ReadError] * 3)
    lost = post(checked, an_event())
    assert refused(lost) == (503, "unavailable")
    assert "send the same call again" in lost.json["message"]
    world.clock.forward(hours=1)
    hear(checked)
    assert len(reported(world)) == 1


def test_nothing_is_sent_while_the_file_of_orders_takes_no_note(
    checked: FlaskClient, parties: Parties, world: World
) -> None:
    spoil(parties.folder / "carrier-a" / "orders.db")
    before = parties.registry.requests
    response = post(checked, an_event())
    assert refused(response) == (503, "unavailable")
    assert "orders-unusable" in response.json["message"]
    assert parties.registry.requests == before


def test_a_report_in_whose_place_another_stands_is_the_registrys_word(checked: FlaskClient, tmp_path: Path) -> None:
    hear(checked)
    forget_reports(tmp_path / "carrier-a" / "orders.db")
    response = post(checked, an_event("cancelled", "2"))
    assert refused(response) == (409, "already-reported")
    assert "activation_id: " in response.json["message"]
    again = post(checked, an_event("cancelled", "2"))
    assert refused(again) == (409, "already-reported")


def test_no_number_of_an_event_is_kept_or_sent(checked: FlaskClient, parties: Parties) -> None:
    hear(checked, "completed", "PLANTED-EVENT", externalId=[{"id": "PLANTED-NUMBER"}], note=[{"text": NUMBER}])
    found = b"".join(each.read_bytes() for each in (parties.folder / "carrier-a").glob("orders.db*"))
    for each in (b"PLANTED", b"ORDER-1", NUMBER.encode()):
        assert each not in found + parties.everything_sent()


def test_without_its_settings_no_event_is_taken(gateway: Gateway, tmp_path: Path) -> None:
    with a_client(gateway, tmp_path / "local-tokens.json") as plain:
        assert refused(post(plain, an_event())) == (501, "not-served")


def test_one_order_from_the_first_check_to_the_reported_activation(
    service: FlaskClient, world: World, owed: None
) -> None:
    first = check(service)
    [line] = first["checkProductOfferingQualificationItem"]
    assert (first["qualificationResult"], line["clearlineDecision"]) == ("yellow", "PAY_FIRST")
    owes = line["clearlineQuote"]["amount"]
    paid = {"document": {"kind": "RESIDENT_ID", "number": NUMBER}, "account": "OWED", "kind": "FULL"}
    settled = post(service, paid | {"amount_fen": round(owes["value"] * 100)}, "/settlements")
    assert settled.status_code == 201
    world.clock.forward(minutes=1)
    again = check(service)
    assert (again["qualificationResult"], again["id"] == first["id"]) == ("green", False)
    assert service.get(first["href"], base_url=HERE).json["qualificationResult"] == "yellow"
    hear(service)
    [facts] = facts_of(world, "activation")
    assert [facts[each] for each in ("outcome", "basis", "obeyed")] == ["ACTIVATED", "CHECKED", "YES"]
