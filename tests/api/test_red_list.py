import datetime as dt
import json
from typing import Any

import pytest

from protocol.codes import RedListGround, ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.red_list import RedListProposal
from protocol.wire.codec import write
from tests.support.api import Client, field_error, problem
from tests.support.builders import TODAY, a_report, tokens


def proposal(days: int = 365) -> dict[str, Any]:
    return write(
        RedListProposal(
            tokens=tokens("hospital"),
            organisation=True,
            ground=RedListGround.HOSPITAL,
            expires_on=TODAY + dt.timedelta(days=days),
        )
    )


def ask(client: Client) -> dict[str, Any]:
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("hospital"), service_class=ServiceClass.BROADBAND)
    return json.loads(client.post("carrier-b", "/v1/inquiries", write(request)).data)


def test_an_organisation_is_proposed_approved_by_two_served_and_revoked(client: Client) -> None:
    client.lists("carrier-a", a_report("hospital"))
    entry = client.post("carrier-a", "/v1/red-list", proposal())
    assert (entry.status_code, entry.json["state"]) == (201, "PROPOSED")
    path = f"/v1/red-list/{entry.json['entry_id']}"
    assert client.post("operator", f"{path}/approvals", {}).json["state"] == "PROPOSED"
    assert ask(client)["decision"] == "PAY_FIRST"
    assert client.post("regulator", f"{path}/approvals", {}).json["state"] == "EFFECTIVE"
    answer = ask(client)
    assert (answer["decision"], answer["reasons"]) == ("ALLOW", ["OWN_ARREARS", "RED_LIST"])
    assert answer["quote"]["creditors"] == 1
    assert client.get("carrier-a", path).json["state"] == "EFFECTIVE"
    assert problem(client.get("carrier-b", path)) == (404, "not-found")
    assert client.post("operator", f"{path}/revocation", {}).json["state"] == "REVOKED"
    assert ask(client)["decision"] == "PAY_FIRST"


def test_an_approver_counts_once(client: Client) -> None:
    entry_id = client.post("carrier-a", "/v1/red-list", proposal()).json["entry_id"]
    path = f"/v1/red-list/{entry_id}/approvals"
    first = client.post("operator", path, {}, key="approval-1")
    assert client.post("operator", path, {}, key="approval-1").data == first.data
    assert problem(client.post("operator", path, {})) == (409, "already-exists")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"organisation": False}, "organisation", "must-be-true"),
        ({"organisation": 1}, "organisation", "wrong-type"),
        ({"ground": "FRIEND"}, "ground", "invalid"),
        ({"expires_on": TODAY.isoformat()}, "expires_on", "not-after-today"),
        ({"expires_on": (TODAY + dt.timedelta(days=366)).isoformat()}, "expires_on", "too-far-ahead"),
        ({"tokens": write(tokens("wang", register="r"))}, "tokens", "has-a-household"),
    ],
)
def test_a_bad_proposal_names_its_field(client: Client, changes: dict[str, Any], field: str, code: str) -> None:
    assert field_error(client.post("carrier-a", "/v1/red-list", proposal() | changes)) == (field, code)
