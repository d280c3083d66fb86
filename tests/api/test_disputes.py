import base64
from typing import Any

import pytest

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client, field_error, problem
from tests.support.builders import a_report, tokens

PDF = b"%PDF-1.7 the receipt of November"


def file(client: Client, **changes: object) -> str:
    client.lists("carrier-a", a_report("wang"))
    filing = {"tokens": write(tokens("wang")), "ground": "ALREADY_PAID"} | changes
    answer = client.post("carrier-b", "/v1/disputes", filing)
    assert answer.status_code == 201, answer.data
    return f"/v1/disputes/{answer.json['disputes'][0]['dispute_id']}"


def decision_for(client: Client) -> str:
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("wang"), service_class=ServiceClass.MOBILE)
    return client.post("carrier-c", "/v1/inquiries", write(request)).json["decision"]


def document(content: bytes, side: str = "FILER") -> dict[str, Any]:
    return {"side": side, "content": base64.urlsafe_b64encode(content).rstrip(b"=").decode()}


def test_a_record_is_disputed_answered_and_upheld(client: Client) -> None:
    path = file(client)
    assert decision_for(client) == "ALLOW"
    assert client.post("carrier-a", f"{path}/answer", {"answer": "CONTRACT_SHOWN"}).json["state"] == "ANSWERED"
    closed = client.post("adjudicator", f"{path}/decision", {"decision": "UPHOLD", "expected_version": 2})
    assert (closed.status_code, closed.json["outcome"], closed.json["record_state"]) == (200, "UPHELD", "ACTIVE")
    assert decision_for(client) == "PAY_FIRST"


def test_the_same_filing_twice_gives_the_same_cases_once(client: Client) -> None:
    client.lists("carrier-a", a_report("wang"))
    filing = {"tokens": write(tokens("wang")), "ground": "NO_NOTICE"}
    first = client.post("carrier-b", "/v1/disputes", filing, key="filing-1")
    assert client.post("carrier-b", "/v1/disputes", filing, key="filing-1").data == first.data
    assert problem(client.post("carrier-b", "/v1/disputes", filing)) == (409, "edge-not-allowed")


def test_a_document_of_two_mebibytes_goes_in_and_comes_out_as_it_was(client: Client) -> None:
    path = file(client)
    photo = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8191
    added = client.post("carrier-b", f"{path}/documents", document(photo))
    assert (added.status_code, added.json["media_type"]) == (201, "image/jpeg")
    opened = client.get("adjudicator", f"{path}/documents/{added.json['document_id']}").json
    assert base64.urlsafe_b64decode(opened["content"] + "=" * (-len(opened["content"]) % 4)) == photo
    assert problem(client.get("carrier-c", f"{path}/documents")) == (404, "not-found")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<svg onload=alert(1)>", "not-a-document"), (b"", "out-of-range"), (PDF.ljust(2**21 + 1), "out-of-range")],
)
def test_what_is_no_document_names_its_field(client: Client, content: bytes, code: str) -> None:
    assert field_error(client.post("carrier-b", f"{file(client)}/documents", document(content))) == ("content", code)


def test_a_document_is_bounded_before_it_is_parsed_and_other_bodies_stay_small(client: Client) -> None:
    path = file(client)
    assert problem(client.post("carrier-b", f"{path}/documents", b" " * (3 * 2**20 + 1))) == (413, "body-too-large")
    assert problem(client.post("carrier-a", f"{path}/answer", b" " * (2**20 + 1))) == (413, "body-too-large")


def test_a_wrong_actor_is_403_and_a_stale_version_412(client: Client) -> None:
    path = file(client)
    assert problem(client.post("carrier-b", f"{path}/answer", {"answer": "CONCEDED"})) == (403, "not-the-creditor")
    stale = {"answer": "CONCEDED", "expected_version": 7}
    assert problem(client.post("carrier-a", f"{path}/answer", stale)) == (412, "version-stale")
    assert problem(client.post("adjudicator", f"{path}/decision", {"decision": "UPHOLD"})) == (409, "edge-not-allowed")


def test_an_adjudicator_lists_all_cases_and_a_carrier_its_own(client: Client) -> None:
    first = file(client).rpartition("/")[2]
    listed = client.get("adjudicator", "/v1/disputes?state=OPEN").json
    assert ([each["dispute_id"] for each in listed["disputes"]], listed["next"]) == ([first], None)
    for party, count in (("carrier-a", 1), ("carrier-b", 1), ("carrier-c", 0)):
        assert len(client.get(party, "/v1/disputes").json["disputes"]) == count
    assert client.get("adjudicator", "/v1/disputes?state=CLOSED").json["disputes"] == []
    assert client.get("adjudicator", f"/v1/disputes?after={first}").json["disputes"] == []
    assert problem(client.get("adjudicator", "/v1/disputes?state=WILD")) == (422, "invalid-field")
    assert problem(client.get("adjudicator", "/v1/disputes?limit=0")) == (422, "invalid-field")


def test_a_further_ground_is_heard_while_the_record_blocks_until_an_adjudicator_stops_it(client: Client) -> None:
    first = file(client)
    client.post("carrier-a", f"{first}/answer", {"answer": "CONTRACT_SHOWN"})
    client.post("adjudicator", f"{first}/decision", {"decision": "UPHOLD"})
    filing = {"tokens": write(tokens("wang")), "ground": "WRONG_AMOUNT"}
    (case,) = client.post("carrier-b", "/v1/disputes", filing).json["disputes"]
    assert (case["stops_enforcement"], case["record_state"]) == (False, "ACTIVE")
    assert decision_for(client) == "PAY_FIRST"
    path = f"/v1/disputes/{case['dispute_id']}"
    stopped = client.post("adjudicator", f"{path}/decision", {"decision": "STOP"})
    assert (stopped.status_code, stopped.json["stops_enforcement"], stopped.json["outcome"]) == (200, True, None)
    assert decision_for(client) == "ALLOW"
    assert problem(client.post("adjudicator", f"{path}/decision", {"decision": "STOP"})) == (409, "edge-not-allowed")
