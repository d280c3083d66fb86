"""Many records taken back through the door: by id, and by batch."""

import json

from tests.api.client import Client, problem
from tests.builders import a_report

REASON = {"reason": "REPORTED_IN_ERROR"}


def test_a_batch_is_taken_back_until_it_is_finished(client: Client):
    rows = b"".join(json.dumps(a_report(name, name).to_wire()).encode() + b"\n" for name in ("wang", "li"))
    assert client.batch("carrier-a", rows, key="wrong-batch").status_code == 200
    path = "/v1/record-batches/wrong-batch/withdrawal"
    assert problem(client.post("carrier-b", path, REASON)) == (404, "not-found")
    done = client.post("carrier-a", path, REASON)
    assert done.json == {"chunks": 1, "done": 1, "withdrawn": 2, "left_alone": 0, "finished": True}
    assert client.post("carrier-a", path, REASON).json == done.json


def test_each_id_has_its_outcome(client: Client):
    record_id = client.post("carrier-a", "/v1/records", a_report().to_wire()).json["record_id"]
    asked = {"record_ids": [record_id, "01900000-0000-7000-8000-000000000000"]} | REASON
    answer = client.post("carrier-a", "/v1/withdrawals", asked)
    assert [each["outcome"] for each in answer.json["outcomes"]] == ["WITHDRAWN", "NOT_FOUND"]
    assert answer.json["withdrawn"] == 1


def test_no_more_than_a_thousand_are_taken_back_at_once(client: Client):
    ids = [f"01900000-0000-7000-8000-{number:012x}" for number in range(1_001)]
    assert problem(client.post("carrier-a", "/v1/withdrawals", {"record_ids": ids} | REASON)) == (422, "invalid-field")
    assert problem(client.post("carrier-a", "/v1/withdrawals", {"record_ids": []} | REASON)) == (422, "invalid-field")
