"""Many records taken back through the door: by id, and by batch."""

import json
from typing import Any

import pytest

from protocol.wire.codec import write
from tests.support.api import NOBODYS, Client, field_error, problem
from tests.support.builders import a_report

REASON = {"reason": "REPORTED_IN_ERROR"}


def test_a_batch_is_taken_back_until_it_is_finished(client: Client) -> None:
    rows = b"".join(json.dumps(write(a_report(name, name))).encode() + b"\n" for name in ("wang", "li"))
    assert client.batch("carrier-a", rows, key="wrong-batch").status_code == 200
    path = "/v1/record-batches/wrong-batch/withdrawal"
    assert problem(client.post("carrier-b", path, REASON)) == (404, "not-found")
    done = client.post("carrier-a", path, REASON)
    assert done.json == {"chunks": 1, "done": 1, "withdrawn": 2, "left_alone": 0, "finished": True}
    assert client.post("carrier-a", path, REASON).json == done.json


def test_each_id_has_its_outcome(client: Client) -> None:
    record_id = client.lists("carrier-a", a_report())
    asked = {"record_ids": [record_id, NOBODYS]} | REASON
    answer = client.post("carrier-a", "/v1/withdrawals", asked)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["WITHDRAWN", "NOT_FOUND"]
    assert answer.json["withdrawn"] == 1


def test_no_more_than_a_thousand_are_taken_back_at_once(client: Client) -> None:
    ids = [f"01900000-0000-7000-8000-{number:012x}" for number in range(1_001)]
    assert problem(client.post("carrier-a", "/v1/withdrawals", {"record_ids": ids} | REASON)) == (422, "invalid-field")
    assert problem(client.post("carrier-a", "/v1/withdrawals", {"record_ids": []} | REASON)) == (422, "invalid-field")


def test_a_foreign_record_is_left_alone_and_told_like_one_that_is_not_there(client: Client) -> None:
    foreign = client.lists("carrier-b", a_report())
    asked = {"record_ids": [foreign, NOBODYS]} | REASON
    answer = client.post("carrier-a", "/v1/withdrawals", asked, key="wrong-list")
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["NOT_FOUND", "NOT_FOUND"]
    assert client.post("carrier-a", "/v1/withdrawals", asked, key="wrong-list").data == answer.data
    assert client.get("carrier-b", f"/v1/records/{foreign}").json["state"] == "ACTIVE"


def test_what_has_no_such_edge_stays_and_says_where_it_is(client: Client) -> None:
    record_id = client.lists("carrier-a", a_report())
    asked = {"record_ids": [record_id]} | REASON
    assert client.post("carrier-a", "/v1/withdrawals", asked).json["withdrawn"] == 1
    again = client.post("carrier-a", "/v1/withdrawals", asked).json
    assert (again["withdrawn"], again["outcomes"][0]["outcome"]) == (0, "WITHDRAWN")
    alone = client.post("carrier-a", f"/v1/records/{record_id}/withdrawal", REASON)
    assert problem(alone) == (409, "edge-not-allowed")
    assert "WITHDRAWN" in alone.json["detail"]


def test_a_record_that_changed_meanwhile_is_not_taken_back_by_its_old_version(client: Client) -> None:
    record_id = client.lists("carrier-a", a_report())
    path = f"/v1/records/{record_id}/withdrawal"
    assert problem(client.post("carrier-a", path, REASON | {"expected_version": 1})) == (412, "version-stale")
    assert client.post("carrier-a", path, REASON | {"expected_version": 2}).json["state"] == "WITHDRAWN"


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("/v1/withdrawals", {"record_ids": [NOBODYS], "reason": "SORRY"}, "reason", "invalid"),
        ("/v1/withdrawals", {"record_ids": [NOBODYS]}, "reason", "required"),
        ("/v1/withdrawals", {"record_ids": NOBODYS} | REASON, "record_ids", "wrong-type"),
        ("/v1/withdrawals", {"record_ids": ["1"]} | REASON, "record_ids.0", "invalid"),
        ("/v1/record-batches/b/withdrawal", {"reason": "SORRY"}, "reason", "invalid"),
        ("/v1/record-batches/b/withdrawal", REASON | {"chunks": 1}, ".", "unknown-field"),
    ],
)
def test_an_order_that_cannot_be_names_its_field(shared: Client, path: str, body: Any, field: str, code: str) -> None:
    assert field_error(shared.post("carrier-a", path, body)) == (field, code)


def test_an_unknown_batch_is_not_there(shared: Client) -> None:
    assert problem(shared.post("carrier-a", "/v1/record-batches/nothing/withdrawal", REASON)) == (404, "not-found")
