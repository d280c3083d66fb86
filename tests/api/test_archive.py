"""A regulator's orders and an auditor's reading, over HTTP."""

import json
from typing import Any

import pytest

from protocol.codes import ServiceClass
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from registry.work.worker import tick
from tests.support.api import NOBODYS, Client, problem
from tests.support.builders import a_report, account, tokens

PAPER = b64url_encode(b"o" * 32)


def ask(client: Client) -> str:
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("wang"), service_class=ServiceClass.MOBILE)
    return str(json.loads(client.post("carrier-b", "/v1/inquiries", write(request)).data)["decision"])


def listed(client: Client) -> str:
    return client.lists("carrier-a", a_report("wang"))


def orders(client: Client, record_id: str, order: str, **more: Any) -> Any:
    return client.post("regulator", f"/v1/records/{record_id}/{order}", {"order_reference": PAPER} | more)


def test_a_regulator_freezes_a_record_and_lets_it_block_again(client: Client) -> None:
    record_id = listed(client)
    frozen = orders(client, record_id, "freeze")
    assert (frozen.status_code, frozen.json["state"]) == (200, "FROZEN")
    assert ask(client) == "ALLOW"
    assert problem(orders(client, record_id, "freeze")) == (409, "edge-not-allowed")
    assert orders(client, record_id, "unfreeze").json["state"] == "ACTIVE"
    assert ask(client) == "PAY_FIRST"


def test_a_discharged_debt_is_never_listed_again(client: Client) -> None:
    record_id = listed(client)
    assert orders(client, record_id, "discharge").json["state"] == "DISCHARGED"
    assert ask(client) == "ALLOW"
    assert client.post("carrier-a", "/v1/records", write(a_report("wang"))).json["verdict"] == "DUPLICATE"


def test_the_log_and_the_creditor_learn_of_the_order_by_its_digest(client: Client) -> None:
    record_id = listed(client)
    orders(client, record_id, "freeze")
    entries = client.world.registry.store.read(lambda tx: tx.openings.first(100))
    facts = [json.loads(each.core)["facts"] for each in entries if each.kind == "record.transition"]
    (order,) = [each for each in facts if each["party"] == "REGULATOR"]
    assert (order["edge"], order["reason"]) == ("ACTIVE>FROZEN", (b"o" * 32).hex())
    told = client.get("carrier-a", "/v1/events").json["events"][-1]
    assert (told["record_id"], told["facts"]["state"]) == (record_id, "FROZEN")


def test_an_order_on_what_has_changed_or_is_not_there_is_refused(client: Client) -> None:
    record_id = listed(client)
    assert problem(orders(client, record_id, "freeze", expected_version=99)) == (412, "version-stale")
    assert problem(orders(client, NOBODYS, "freeze")) == (404, "not-found")
    assert orders(client, record_id, "freeze", expected_version=2).status_code == 200


@pytest.mark.parametrize("reader", ["auditor", "regulator"])
def test_a_sealed_record_is_opened_for_whoever_oversees_until_it_is_purged(client: Client, reader: str) -> None:
    record_id = listed(client)
    orders(client, record_id, "discharge")
    path = f"/v1/archive/{record_id}"
    assert problem(client.get(reader, path)) == (404, "not-found")
    client.world.clock.forward(days=200)
    tick(client.world.registry)
    opened = client.get(reader, path)
    assert (opened.status_code, opened.json["state"]) == (200, "DISCHARGED")
    (row,) = opened.json["tables"]["record"]
    assert row["account_ref"] == account("A1").hex()
    assert "subject_key" not in row
    assert {each["target"] for each in opened.json["tables"]["record_event"]} == {"PENDING", "ACTIVE", "DISCHARGED"}
    assert problem(client.get("carrier-a", f"/v1/records/{record_id}")) == (404, "not-found")
    client.world.clock.forward(days=530)
    tick(client.world.registry)
    assert problem(client.get(reader, path)) == (404, "not-found")
