"""Debts change hands and a member leaves, through the door: two people of the seller, the buyer, the operator."""

from typing import Any

import pytest

from api.examples.values import ACCOUNT
from protocol.encodings import b64url_encode
from tests.support.api import NOBODYS, Client, admit_checker, field_error, problem
from tests.support.builders import TODAY, a_report, account

SALE = {"to": "carrier-b", "ground": "SALE"}


def listed(client: Client, number: str = "A1", who: str = "carrier-a", **changes: Any) -> str:
    return client.lists(who, a_report(f"debtor-{number}", number, **changes))


def proposed(client: Client, *record_ids: str) -> str:
    answer = client.post("carrier-a", "/v1/transfers", SALE | {"record_ids": record_ids})
    assert (answer.status_code, answer.json["state"]) == (201, "PROPOSED")
    return f"/v1/transfers/{answer.json['transfer_id']}"


def offered(client: Client, *record_ids: str) -> str:
    admit_checker(client.world)
    transfer = proposed(client, *record_ids)
    assert client.post("carrier-a-checker", f"{transfer}/confirmation", {}).json["state"] == "OFFERED"
    return transfer


def on_account(record_id: str, number: str = "B1") -> dict[str, Any]:
    return {"accounts": [{"record_id": record_id, "account_ref": b64url_encode(account(number))}]}


def test_a_debt_is_sold_and_both_parties_read_what_became_of_it(client: Client) -> None:
    sold, kept = sorted((listed(client, "A1"), listed(client, "A2")))
    transfer = offered(client, sold, kept)
    accepted = client.post("carrier-b", f"{transfer}/acceptance", on_account(sold), key="takeover")
    assert (accepted.status_code, accepted.json["state"]) == (200, "ACCEPTED")
    assert [each["outcome"] for each in accepted.json["records"]] == ["TRANSFERRED", "NOT_TAKEN"]
    again = client.post("carrier-b", f"{transfer}/acceptance", on_account(sold), key="takeover")
    assert again.data == accepted.data
    assert client.get("carrier-a", transfer).json == client.get("carrier-b", transfer).json == accepted.json

    new = client.get("carrier-b", f"/v1/records/{accepted.json['records'][0]['new_record_id']}").json
    assert (new["state"], new["origin_record_id"]) == ("ACTIVE", sold)
    assert client.get("carrier-a", f"/v1/records/{sold}").json["state"] == "TRANSFERRED"
    assert client.get("carrier-a", f"/v1/records/{kept}").json["state"] == "ACTIVE"
    assert problem(client.get("carrier-b", f"/v1/records/{sold}")) == (404, "not-found")


def test_a_sale_is_undone_by_both_and_the_former_creditor_is_told_who_has_a_debt(client: Client) -> None:
    sold = listed(client)
    transfer = offered(client, sold)
    client.post("carrier-b", f"{transfer}/acceptance", on_account(sold))
    refused = client.post("carrier-a", f"/v1/records/{sold}/withdrawal", {"reason": "WRONG_AMOUNT"})
    assert problem(refused) == (409, "record-transferred")
    assert refused.json["creditor"] == "carrier-b"
    wanted = client.post("carrier-b", f"{transfer}/undo", {})
    assert (wanted.status_code, wanted.json["state"], wanted.json["undo_by"]) == (200, "UNDO_PROPOSED", "carrier-b")
    assert problem(client.post("carrier-b", f"{transfer}/undo-confirmation", {})) == (403, "role-missing")
    assert problem(client.post("carrier-c", f"{transfer}/undo-confirmation", {})) == (404, "not-found")
    done = client.post("carrier-a", f"{transfer}/undo-confirmation", {}, key="back")
    assert (done.status_code, done.json["state"]) == (200, "UNDONE")
    assert client.post("carrier-a", f"{transfer}/undo-confirmation", {}, key="back").data == done.data
    back = client.get("carrier-a", f"/v1/records/{done.json['records'][0]['undo_record_id']}").json
    assert (back["state"], back["origin_record_id"]) == ("ACTIVE", done.json["records"][0]["new_record_id"])
    assert client.get("carrier-b", transfer).json == done.json


def test_a_transfer_is_nobodys_business_but_its_parties(client: Client) -> None:
    admit_checker(client.world)
    transfer = proposed(client, record_id := listed(client))
    everybody = ("carrier-b", "carrier-c")
    for steps, strangers in (("", everybody), ("/confirmation", ("carrier-c",))):
        if steps:
            assert client.post("carrier-a-checker", f"{transfer}{steps}", {}).status_code == 200
        for stranger in strangers:
            assert problem(client.get(stranger, transfer)) == (404, "not-found")
            assert problem(client.post(stranger, f"{transfer}/acceptance", on_account(record_id))) == (404, "not-found")
    for step in ("confirmation", "cancellation"):
        assert problem(client.post("carrier-b", f"{transfer}/{step}", {})) == (404, "not-found")
    # Nor may the seller take its own debts over.
    assert problem(client.post("carrier-a", f"{transfer}/acceptance", on_account(record_id))) == (404, "not-found")


def test_who_proposes_a_transfer_does_not_confirm_it(client: Client) -> None:
    transfer = proposed(client, listed(client))
    assert problem(client.post("carrier-a", f"{transfer}/confirmation", {})) == (403, "role-missing")
    assert client.get("carrier-a", transfer).json["state"] == "PROPOSED"


@pytest.mark.parametrize("end", ["acceptance", "cancellation"])
def test_a_transfer_that_is_over_takes_no_step_more_and_the_refusal_says_where_it_is(client: Client, end: str) -> None:
    record_id = listed(client)
    transfer = offered(client, record_id)
    steps: dict[str, tuple[str, Any]] = {
        "confirmation": ("carrier-a-checker", {}),
        "acceptance": ("carrier-b", on_account(record_id)),
        "cancellation": ("carrier-a", {}),
    }
    who, body = steps[end]
    state = client.post(who, f"{transfer}/{end}", body).json["state"]
    for step, (sender, said) in steps.items():
        refused = client.post(sender, f"{transfer}/{step}", said)
        assert problem(refused) == (409, "edge-not-allowed")
        assert state in refused.json["detail"]


def test_only_what_is_plainly_owed_is_offered_and_the_refusal_names_the_place(client: Client) -> None:
    active, pending = listed(client), listed(client, "A2", notice_date=TODAY)
    refused = client.post("carrier-a", "/v1/transfers", SALE | {"record_ids": [active, pending]})
    assert problem(refused) == (409, "edge-not-allowed")
    assert refused.json["errors"] == [{"field": "record_ids.1", "code": "PENDING"}]
    foreign = listed(client, "B1", who="carrier-b")
    for not_mine in (foreign, NOBODYS):
        refused = client.post("carrier-a", "/v1/transfers", SALE | {"record_ids": [active, not_mine]})
        assert problem(refused) == (404, "not-found")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"to": "nobody"}, "to", "not-a-reporter"),
        ({"to": "auditor"}, "to", "not-a-reporter"),
        ({"to": "carrier-a"}, "to", "the-sender-itself"),
        ({"to": "Carrier B"}, "to", "invalid"),
        ({"ground": "GIFT"}, "ground", "invalid"),
        ({"record_ids": []}, "record_ids", "out-of-range"),
        ({"record_ids": [NOBODYS, NOBODYS]}, "record_ids", "repeated"),
        ({"record_ids": [NOBODYS.upper()]}, "record_ids.0", "invalid"),
        ({"price_fen": 1}, ".", "unknown-field"),
    ],
)
def test_a_proposal_that_cannot_be_names_its_field(
    shared: Client, changes: dict[str, Any], field: str, code: str
) -> None:
    refused = shared.post("carrier-a", "/v1/transfers", SALE | {"record_ids": [NOBODYS]} | changes)
    assert field_error(refused) == (field, code)


@pytest.mark.parametrize(
    ("accounts", "field", "code"),
    [
        ([], "accounts", "out-of-range"),
        ([{"record_id": NOBODYS, "account_ref": ACCOUNT}], "accounts", "not-of-this-transfer"),
        ([{"record_id": NOBODYS}], "accounts.0.account_ref", "required"),
        ([{"record_id": NOBODYS, "account_ref": ACCOUNT + "AA"}], "accounts.0.account_ref", "not-base64url"),
    ],
)
def test_an_acceptance_that_cannot_be_names_its_field(
    client: Client, accounts: list[Any], field: str, code: str
) -> None:
    transfer = offered(client, listed(client))
    assert field_error(client.post("carrier-b", f"{transfer}/acceptance", {"accounts": accounts})) == (field, code)
    assert client.get("carrier-b", transfer).json["state"] == "OFFERED"


def test_a_member_leaves_once_nothing_of_it_is_open_and_signs_nothing_from_then_on(client: Client) -> None:
    record_id = listed(client)
    path = "/v1/participants/carrier-a/exit"
    refused = client.post("operator", path, {})
    assert problem(refused) == (409, "edge-not-allowed")
    assert refused.json["detail"] == "Open records: 1 ACTIVE. Transfer or withdraw them first."
    client.post("carrier-b", f"{offered(client, record_id)}/acceptance", on_account(record_id))

    gone = client.post("operator", path, {})
    assert (gone.status_code, gone.json["left_at"] is None) == (200, False)
    assert all(each["revoked_at"] is not None for each in gone.json["keys"])
    assert client.get("auditor", "/v1/participants/carrier-a").json == gone.json
    for key in ("carrier-a", "carrier-a-checker"):
        assert problem(client.get(key, "/v1/rules")) == (401, "key-unknown")
    assert problem(client.post("operator", path, {})) == (409, "edge-not-allowed")


def test_who_is_unknown_or_lets_members_go_does_not_leave(shared: Client) -> None:
    assert problem(shared.post("operator", "/v1/participants/nobody/exit", {})) == (404, "not-found")
    assert problem(shared.post("operator", "/v1/participants/operator/exit", {})) == (409, "edge-not-allowed")
