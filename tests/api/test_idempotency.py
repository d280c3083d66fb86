"""The same request sent again, which every client does when an answer is lost."""

from protocol.wire.codec import write
from tests.support.api import Client, problem
from tests.support.builders import a_report


def test_the_same_key_and_body_give_the_stored_answer_byte_for_byte(shared: Client) -> None:
    body = write(a_report("i1", "I1"))
    first, again = (shared.post("carrier-a", "/v1/records", body, key="same") for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(shared: Client) -> None:
    shared.post("carrier-a", "/v1/records", write(a_report("i2", "I2")), key="other-body")
    response = shared.post("carrier-a", "/v1/records", write(a_report("i3", "I3")), key="other-body")
    assert problem(response) == (422, "idempotency-key-reused")


def test_the_same_key_and_body_for_another_operation_are_refused(shared: Client) -> None:
    body = b"{}"
    paths = [f"/v1/participants/{name}/keys/{name}-1/revocation" for name in ("reporter", "inquirer")]
    assert shared.post("operator", paths[0], body, key="revoke").status_code == 200
    assert problem(shared.post("operator", paths[1], body, key="revoke")) == (422, "idempotency-key-reused")
    assert shared.get("inquirer", "/v1/rules").status_code == 200


def test_another_participant_may_use_the_same_key(shared: Client) -> None:
    answers = [
        shared.post(who, "/v1/records", write(a_report("i4", "I4")), key="mine") for who in ("carrier-a", "carrier-b")
    ]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json["record_id"] != answers[1].json["record_id"]


def test_a_refused_request_spends_no_key(shared: Client) -> None:
    refused = shared.post("carrier-a", "/v1/records", {"row_id": "x"}, key="retry")
    assert problem(refused) == (422, "invalid-field")
    assert shared.post("carrier-a", "/v1/records", write(a_report("i5", "I5")), key="retry").status_code == 201
