import json
import os
from typing import Any

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import ServiceClass
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client, problem
from tests.support.builders import a_report, account, tokens


def ask(client: Client, who: str, name: str) -> dict[str, Any]:
    request = InquiryRequest(inquiry_ref="counter-1", tokens=tokens(name), service_class=ServiceClass.MOBILE)
    response = client.post(who, "/v1/inquiries", write(request))
    assert response.status_code == 201, response.data
    return json.loads(response.data)


def test_a_debtor_pays_at_one_carrier_and_is_served_at_the_next(client: Client) -> None:
    reported = client.post("carrier-a", "/v1/records", write(a_report()))
    assert (reported.status_code, reported.json["verdict"]) == (201, "ACTIVE")

    refused = ask(client, "carrier-b", "debtor")
    assert refused["decision"] == "PAY_FIRST"
    quote = client.get("carrier-b", f"/v1/quotes/{refused['quote']['reference']}")
    assert quote.json["lines"][0]["creditor"] == "carrier-a"

    order = client.world.order("carrier-a", tokens("debtor"), account("A1"))
    receipt = client.post("carrier-a", "/v1/settlements", write(order))
    assert receipt.json["state"] == "CLEARED"
    clearance = client.get("carrier-b", f"/v1/clearances/{receipt.json['clearance_id']}")
    assert clearance.json["clearance"] == receipt.json["clearance"]

    assert ask(client, "carrier-b", "debtor")["decision"] == "ALLOW"


def test_a_batch_of_inquiries_is_answered_in_order(client: Client) -> None:
    client.lists("carrier-a", a_report())
    names = ["honest", "debtor", "other"]
    batch = {
        "inquiries": [
            write(InquiryRequest(inquiry_ref=name, tokens=tokens(name), service_class=ServiceClass.MOBILE))
            for name in names
        ]
    }
    answers = client.post("carrier-b", "/v1/inquiries/batch", batch).json["answers"]
    assert [each["inquiry_ref"] for each in answers] == names
    assert [each["decision"] for each in answers] == ["ALLOW", "PAY_FIRST", "ALLOW"]


def test_only_the_creditor_sees_and_withdraws_its_record(client: Client) -> None:
    record_id = client.lists("carrier-a", a_report())
    assert problem(client.get("carrier-b", f"/v1/records/{record_id}")) == (404, "not-found")
    version = client.get("carrier-a", f"/v1/records/{record_id}").json["version"]

    path = f"/v1/records/{record_id}/withdrawal"
    stale = {"reason": "REPORTED_IN_ERROR", "expected_version": version + 1}
    assert problem(client.post("carrier-a", path, stale)) == (412, "version-stale")
    assert problem(client.post("carrier-b", path, {"reason": "REPORTED_IN_ERROR"})) == (404, "not-found")
    taken = client.post("carrier-a", path, {"reason": "REPORTED_IN_ERROR", "expected_version": version})
    assert taken.json["state"] == "WITHDRAWN"
    again = client.post("carrier-a", path, {"reason": "REPORTED_IN_ERROR"})
    assert problem(again) == (409, "edge-not-allowed")


def test_the_operator_admits_a_participant_and_takes_its_key_back(client: Client) -> None:
    new = {
        "participant_id": "carrier-d",
        "name": "丁公司",
        "roles": ["INQUIRER"],
        "key_id": "carrier-d-1",
        "public_key": b64url_encode(public_key(client, "carrier-d")),
    }
    assert client.post("operator", "/v1/participants", new).status_code == 201
    assert client.get("carrier-d", "/v1/rules").status_code == 200
    more = {"key_id": "carrier-d-2", "public_key": b64url_encode(public_key(client, "second"))}
    added = client.post("operator", "/v1/participants/carrier-d/keys", more)
    assert [key["key_id"] for key in added.json["keys"]] == ["carrier-d-1", "carrier-d-2"]
    revoked = client.post("operator", "/v1/participants/carrier-d/keys/carrier-d-1/revocation", {})
    assert revoked.json["keys"][0]["revoked_at"] is not None
    assert problem(client.get("carrier-d", "/v1/rules")) == (401, "key-unknown")
    assert problem(client.post("operator", "/v1/participants", new)) == (409, "already-exists")


def public_key(client: Client, name: str) -> bytes:
    client.world.signing_keys[name] = generate_signing_key(os.urandom)
    return public_bytes(client.world.signing_keys[name])


def test_participants_are_listed_page_by_page(client: Client) -> None:
    first = client.get("auditor", "/v1/participants?limit=2").json
    assert [each["participant_id"] for each in first["participants"]] == ["adjudicator", "auditor"]
    rest = client.get("auditor", f"/v1/participants?after={first['next']}").json
    assert rest["participants"][0]["participant_id"] == "carrier-a"
    assert rest["next"] is None
    assert client.get("auditor", "/v1/participants/carrier-a").json["name"] == "Carrier-A"


def test_the_rules_of_a_day_are_published(client: Client) -> None:
    rules = client.get("auditor", "/v1/rules?at=2026-03-01").json
    assert rules["rules"]["listing"]["minimum_principal_fen"] == 100_00
    assert problem(client.get("auditor", "/v1/rules?at=2026-3-1")) == (422, "invalid-field")
    assert problem(client.get("auditor", "/v1/rules?at=2026-03-01&at=2026-03-02")) == (400, "bad-request")
    assert problem(client.get("auditor", "/v1/rules?day=2026-03-01")) == (422, "invalid-field")


def test_health_and_readiness_need_no_signature(client: Client) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json"):
        response = client.raw("GET", path, {})
        assert response.status_code == 200
        assert "Signature" not in response.headers


def test_every_answer_says_no_store_and_names_its_request(client: Client) -> None:
    for response in (client.get("auditor", "/v1/rules"), client.raw("GET", "/v1/rules", {})):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Clearline-Version"] == "1"
        assert response.headers["Clearline-Request-Id"]
        assert response.headers["Strict-Transport-Security"]
