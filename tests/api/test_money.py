"""A payment comes undone, through the door: two keys of one carrier."""

import uuid

from protocol.codes import SettlementKind
from protocol.encodings import b64url_encode
from protocol.wire.codec import write
from tests.support.api import Client, admit_checker, field_error, problem
from tests.support.builders import TODAY, a_report, account, tokens

EVIDENCE = {"reason": "CHARGEBACK", "evidence_digest": b64url_encode(b"e" * 32)}


def test_a_payment_is_reversed_by_two_people_and_its_clearance_says_so(client: Client) -> None:
    admit_checker(client.world)
    client.lists("carrier-a", a_report())
    order = client.world.order("carrier-a", tokens("debtor"), account("A1"))
    receipt = client.post("carrier-a", "/v1/settlements", write(order)).json
    clearance = f"/v1/clearances/{receipt['clearance_id']}"
    assert client.get("carrier-b", clearance).json["state"] == "VALID"

    path = f"/v1/settlements/{receipt['settlement_id']}/reversals"
    assert problem(client.post("carrier-b", path, EVIDENCE)) == (404, "not-found")
    proposed = client.post("carrier-a", path, EVIDENCE)
    assert (proposed.status_code, proposed.json["confirmed_at"]) == (201, None)
    reversal = f"/v1/reversals/{proposed.json['reversal_id']}"
    assert problem(client.post("carrier-a", f"{reversal}/confirmation", {})) == (403, "role-missing")
    confirmed = client.post("carrier-a-checker", f"{reversal}/confirmation", {})
    assert confirmed.json["confirmed_key_id"] == "carrier-a-checker-1"
    assert client.get("carrier-a", reversal).json == confirmed.json
    assert problem(client.get("carrier-b", reversal)) == (404, "not-found")

    assert client.get("carrier-b", clearance).json["state"] == "REVOKED"
    assert client.get("carrier-a", f"/v1/records/{receipt['record_id']}").json["state"] == "ACTIVE"


def test_a_collection_is_not_ordered_as_a_settlement(client: Client) -> None:
    client.lists("carrier-a", a_report())
    order = client.world.order("carrier-a", tokens("debtor"), account("A1"), kind=SettlementKind.COLLECTED)
    assert field_error(client.post("carrier-a", "/v1/settlements", write(order))) == ("kind", "invalid")


def test_a_reversal_without_evidence_is_refused(client: Client) -> None:
    refused = client.post("carrier-a", f"/v1/settlements/{uuid.UUID(int=1)}/reversals", {"reason": "CHARGEBACK"})
    assert field_error(refused) == ("evidence_digest", "required")


def test_what_was_never_listed_is_not_settled(client: Client) -> None:
    client.lists("carrier-a", a_report())
    order = client.world.order("carrier-a", tokens("debtor"), account("A2"))
    assert problem(client.post("carrier-a", "/v1/settlements", write(order))) == (404, "not-found")


def test_a_plan_for_a_record_that_changed_meanwhile_is_refused_by_its_version(client: Client) -> None:
    record_id = client.lists("carrier-a", a_report())
    path, plan = "/v1/plans", {"instalments": [{"due_date": TODAY.isoformat(), "amount_fen": 500_00}]}
    stale = plan | {"record_id": record_id, "expected_version": 1}
    assert problem(client.post("carrier-a", path, stale)) == (412, "version-stale")
    assert client.post("carrier-a", path, stale | {"expected_version": None}).status_code == 201


def test_a_settlement_that_is_not_in_full_is_told_what_is_missing_as_a_figure(client: Client) -> None:
    client.lists("carrier-a", a_report())
    short = client.world.order("carrier-a", tokens("debtor"), account("A1"), amount_fen=1_00)
    refused = client.post("carrier-a", "/v1/settlements", write(short))
    assert problem(refused) == (422, "not-in-full")
    assert refused.json["missing_fen"] == 191_00
    waiving = client.world.order("carrier-a", tokens("debtor"), account("A1"), amount_fen=1_00, waive_rest=True)
    closed = client.post("carrier-a", "/v1/settlements", write(waiving))
    assert (closed.status_code, closed.json["state"], closed.json["waived_fen"]) == (201, "CLEARED", 191_00)


def test_nothing_paid_is_a_waiver_over_the_wire_too(client: Client) -> None:
    client.lists("carrier-a", a_report())
    nothing = client.world.order("carrier-a", tokens("debtor"), account("A1"), amount_fen=0)
    refused = client.post("carrier-a", "/v1/settlements", write(nothing))
    assert field_error(refused) == ("amount_fen", "nothing-paid-is-a-waiver")
