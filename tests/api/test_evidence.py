"""Evidence demanded by a neutral body and shown by the creditor, through the door."""

from typing import Any

import pytest

from protocol.encodings import b64url_encode
from tests.support.api import NOBODYS, Client, field_error, problem
from tests.support.builders import a_document, a_manifest, a_report

NOTICE = {"document": "NOTICE"}


def papers(name: str) -> dict[str, str]:
    """What the creditor posts to show the document that stands for ``name``."""
    salt, content = a_document(name)
    return {"salt": b64url_encode(salt), "content": b64url_encode(content)}


def listed(client: Client, number: str = "E1", **changes: Any) -> str:
    record_id = client.lists("carrier-a", a_report(f"debtor-{number}", number, **changes))
    return f"/v1/records/{record_id}/evidence-demands"


def demanded(client: Client, who: str = "auditor", number: str = "E1") -> str:
    answer = client.post(who, listed(client, number, evidence=a_manifest()), NOTICE)
    assert (answer.status_code, answer.json["state"], answer.json["demanded_by"]) == (201, "OPEN", who)
    return f"/v1/evidence-demands/{answer.json['demand_id']}"


@pytest.mark.parametrize("neutral", ["auditor", "adjudicator", "regulator"])
def test_a_neutral_body_asks_and_reads_the_document_that_was_promised(client: Client, neutral: str) -> None:
    demand = demanded(client, neutral)
    assert problem(client.get(neutral, f"{demand}/document")) == (404, "not-found")
    assert client.post("carrier-a", f"{demand}/document", papers("bill-1")).json["state"] == "DIFFERS"
    assert problem(client.get(neutral, f"{demand}/document")) == (404, "not-found")
    assert client.post("carrier-a", f"{demand}/document", papers("notice")).json["state"] == "MATCHES"
    shown = client.get(neutral, f"{demand}/document").json
    assert (shown["content"], shown["media_type"]) == (papers("notice")["content"], "application/pdf")
    refused = client.post("carrier-a", f"{demand}/document", papers("notice"))
    assert problem(refused) == (409, "edge-not-allowed")
    assert "MATCHES" in refused.json["detail"]


def test_a_demand_is_seen_by_its_creditor_and_by_no_other_carrier(client: Client) -> None:
    demand = demanded(client)
    assert client.get("carrier-a", demand).json == client.get("auditor", demand).json
    assert problem(client.get("carrier-b", demand)) == (404, "not-found")
    assert problem(client.post("carrier-b", f"{demand}/document", papers("notice"))) == (404, "not-found")
    assert problem(client.get("carrier-a", f"{demand}/document")) == (403, "role-missing")
    assert client.get("carrier-a", "/v1/evidence-demands").json["demands"] == [client.get("auditor", demand).json]
    assert client.get("carrier-b", "/v1/evidence-demands").json["demands"] == []


def test_a_demand_that_is_overdue_takes_no_answer(client: Client) -> None:
    demand = demanded(client)
    client.world.clock.forward(days=16)
    assert client.get("carrier-a", demand).json["state"] == "OVERDUE"
    refused = client.post("carrier-a", f"{demand}/document", papers("notice"))
    assert problem(refused) == (409, "edge-not-allowed")
    assert "OVERDUE" in refused.json["detail"]


def test_what_was_never_promised_is_not_demanded(client: Client) -> None:
    path = listed(client, evidence=a_manifest())
    assert client.post("auditor", path, {"document": "BILL", "bill": 2}).status_code == 201
    assert problem(client.post("auditor", path, {"document": "BILL", "bill": 3})) == (404, "not-found")
    assert problem(client.post("auditor", listed(client, "E2"), NOTICE)) == (409, "edge-not-allowed")
    assert problem(client.post("auditor", f"/v1/records/{NOBODYS}/evidence-demands", NOTICE)) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"document": "BILL"}, "bill", "goes-with-a-bill"),
        ({"document": "NOTICE", "bill": 1}, "bill", "goes-with-a-bill"),
        ({"document": "BILL", "bill": 0}, "bill", "out-of-range"),
        ({"document": "BILL", "bill": "1"}, "bill", "wrong-type"),
        ({"document": "DIARY"}, "document", "invalid"),
        ({}, "document", "required"),
    ],
)
def test_a_demand_that_cannot_be_names_its_field(shared: Client, body: dict[str, Any], field: str, code: str) -> None:
    assert field_error(shared.post("auditor", f"/v1/records/{NOBODYS}/evidence-demands", body)) == (field, code)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"content": b64url_encode(b"<svg onload=alert(1)>")}, "content", "not-a-document"),
        ({"content": ""}, "content", "out-of-range"),
        ({"salt": b64url_encode(b"s" * 31)}, "salt", "not-base64url"),
        ({"salt": None}, "salt", "null"),
        ({"matches": True}, ".", "unknown-field"),
    ],
)
def test_a_document_that_cannot_be_names_its_field(
    client: Client, changes: dict[str, Any], field: str, code: str
) -> None:
    demand = demanded(client)
    assert field_error(client.post("carrier-a", f"{demand}/document", papers("notice") | changes)) == (field, code)
    assert client.get("carrier-a", demand).json["answers"] == 0


def test_what_is_still_demanded_is_listed_page_by_page_until_it_is_met(client: Client) -> None:
    demands = [demanded(client, "auditor", f"E{number}") for number in range(3)]
    first = client.get("regulator", "/v1/evidence-demands?limit=2").json
    rest = client.get("regulator", f"/v1/evidence-demands?limit=2&after={first['next']}").json
    found = [f"/v1/evidence-demands/{each['demand_id']}" for page in (first, rest) for each in page["demands"]]
    assert (sorted(found), rest["next"]) == (sorted(demands), None)
    client.post("carrier-a", f"{demands[0]}/document", papers("notice"))
    left = client.get("regulator", "/v1/evidence-demands").json["demands"]
    assert {f"/v1/evidence-demands/{each['demand_id']}" for each in left} == set(demands[1:])
    for wrong in ("limit=0", "limit=501", "after=1", "state=OPEN"):
        assert problem(client.get("regulator", f"/v1/evidence-demands?{wrong}")) == (422, "invalid-field")
