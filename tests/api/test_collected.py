"""Money taken at another counter, through the door: the whole quote, the answer, and the month between two carriers."""

import csv
import io
from typing import Any

from protocol.encodings import b64url_encode
from protocol.wire.codec import write
from tests.support.api import Client, field_error, problem
from tests.support.builders import a_report, tokens
from tests.support.counters import an_order, quote_for

NOVEMBER = "/v1/net-statements/2026-11"


def an_order_for(client: Client, name: str = "debtor", number: str = "A1") -> dict[str, object]:
    """What carrier B posts for a debtor of carrier A that pays at its counter."""
    client.lists("carrier-a", a_report(name, number))
    return write(an_order(client.world, "carrier-b", quote_for(client.world, "carrier-b", tokens(name))))


def test_a_collection_is_made_shown_to_its_two_parties_answered_and_settled_net(client: Client) -> None:
    order = an_order_for(client)
    made = client.post("carrier-b", "/v1/collections", order, key="till-1-0001")
    assert made.status_code == 201
    assert client.post("carrier-b", "/v1/collections", order, key="till-1-0001").data == made.data
    (taken,) = made.json["collections"]
    path = f"/v1/collections/{taken['collection_id']}"
    assert problem(client.get("carrier-c", path)) == (404, "not-found")
    assert client.get("carrier-b", path).json == {**taken, "statement": order["statement"]}
    assert client.get("carrier-a", path).json["record_id"] is not None

    refusal = {"answer": "REFUSED", "reason": "WRONG_AMOUNT"}
    assert problem(client.post("carrier-b", f"{path}/answer", refusal)) == (403, "not-the-creditor")
    assert client.post("carrier-a", f"{path}/answer", refusal).json["refusal"] == "WRONG_AMOUNT"
    assert client.post("carrier-a", f"{path}/answer", {"answer": "CONFIRMED"}).json["state"] == "CONFIRMED"
    assert problem(client.post("carrier-a", f"{path}/answer", refusal)) == (409, "edge-not-allowed")

    mine, theirs = client.get("carrier-a", f"{NOVEMBER}/carrier-b"), client.get("carrier-b", f"{NOVEMBER}/carrier-a")
    assert mine.data == theirs.data
    assert mine.json["net"] == {"payer": "carrier-b", "payee": "carrier-a", "amount_fen": order["amount_fen"]}
    assert problem(client.get("carrier-a", f"{NOVEMBER}/carrier-a")) == (404, "not-found")
    for wrong in ("2026-13", "2026-1", "202611"):
        assert problem(client.get("carrier-a", f"/v1/net-statements/{wrong}/carrier-b")) == (404, "not-found")
    for wrong in ("format=xml", "limit=0", "limit=1001", "after=1", "page=2"):
        assert problem(client.get("carrier-a", f"{NOVEMBER}/carrier-b?{wrong}")) == (422, "invalid-field")


def test_a_net_statement_comes_as_a_table_too_signed_like_every_answer(client: Client) -> None:
    for number in ("A1", "A2"):
        client.post("carrier-b", "/v1/collections", an_order_for(client, f"debtor-{number}", number))
    table = client.get("carrier-a", f"{NOVEMBER}/carrier-b?format=csv")
    assert (table.status_code, table.content_type) == (200, "text/csv")
    assert "Signature" in table.headers
    header, *rows = csv.reader(io.StringIO(table.text, newline=""))
    assert (len(rows), header[0], header[-1]) == (2, "collection_id", "counts")
    rest = client.get("carrier-a", f"{NOVEMBER}/carrier-b?format=csv&after={rows[0][0]}")
    assert list(csv.reader(io.StringIO(rest.text, newline=""))) == [header, rows[1]]
    for accept, status in (("text/csv", 200), ("application/json", 200), ("text/html", 406)):
        headers = client.signed("carrier-a", "GET", f"{NOVEMBER}/carrier-b?format=csv")
        path = f"{NOVEMBER}/carrier-b?format=csv"
        assert client.raw("GET", path, headers | {"Accept": accept}).status_code == status


def test_what_is_wrong_with_a_collection_is_named_by_its_field(client: Client) -> None:
    order = an_order_for(client)
    refused = client.post("carrier-b", "/v1/collections", order | {"amount_fen": 1})
    assert field_error(refused) == ("amount_fen", "not-the-quoted-total")
    assert problem(client.post("carrier-c", "/v1/collections", order)) == (404, "not-found")
    unknown = order | {"quote_reference": b64url_encode(bytes(16))}
    assert problem(client.post("carrier-b", "/v1/collections", unknown)) == (404, "not-found")
    forged = order | {"statement": "e30.e30.e30"}
    assert problem(client.post("carrier-b", "/v1/collections", forged)) == (422, "statement-invalid")
    assert client.post("carrier-b", "/v1/collections", order).status_code == 201
    assert problem(client.post("carrier-b", "/v1/collections", order)) == (409, "edge-not-allowed")


def test_a_collection_is_taken_back_by_both_carriers(client: Client) -> None:
    (taken,) = client.post("carrier-b", "/v1/collections", an_order_for(client)).json["collections"]
    path = f"/v1/settlements/{taken['settlement_id']}/reversals"
    evidence = {"reason": "PAYMENT_BOUNCED", "evidence_digest": b64url_encode(b"e" * 32)}
    assert problem(client.post("carrier-b", path, evidence)) == (404, "not-found")
    proposed: Any = client.post("carrier-a", path, evidence).json
    reversal = f"/v1/reversals/{proposed['reversal_id']}"
    assert problem(client.get("carrier-c", reversal)) == (404, "not-found")
    assert client.get("carrier-b", reversal).json == {**proposed, "record_id": None}
    assert problem(client.post("carrier-a", f"{reversal}/confirmation", {})) == (403, "role-missing")
    assert client.post("carrier-b", f"{reversal}/confirmation", {}).json["confirmed_key_id"] == "carrier-b-1"
    assert client.get("carrier-a", f"/v1/records/{proposed['record_id']}").json["state"] == "ACTIVE"
    assert client.get("carrier-b", f"{NOVEMBER}/carrier-a").json["apart"][0]["reversed_at"] is not None
