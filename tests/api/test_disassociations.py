import base64

from protocol.wire.codec import write
from tests.support.api import Client, problem
from tests.support.builders import tokens

DIGEST = base64.urlsafe_b64encode(b"e" * 32).rstrip(b"=").decode()
FILING = {"tokens": write(tokens("son", address="19-4-1160")), "ground": "MOVED_AWAY", "evidence_digest": DIGEST}


def test_a_rebuttal_is_filed_read_and_taken_back(client: Client) -> None:
    filed = client.post("carrier-b", "/v1/rebuttals", FILING, key="filing-1")
    assert (filed.status_code, filed.json["state"], filed.json["households"]) == (201, "HOLDS", ["ADDRESS"])
    assert client.post("carrier-b", "/v1/rebuttals", FILING, key="filing-1").data == filed.data
    path = f"/v1/rebuttals/{filed.json['rebuttal_id']}"
    assert client.get("carrier-b", path).json == client.get("adjudicator", path).json == filed.json
    assert problem(client.get("carrier-c", path)) == (404, "not-found")
    assert problem(client.post("carrier-c", f"{path}/withdrawal", {})) == (404, "not-found")
    assert client.post("adjudicator", f"{path}/withdrawal", {}).json["state"] == "WITHDRAWN"
    assert problem(client.post("carrier-b", f"{path}/withdrawal", {})) == (409, "edge-not-allowed")


def test_a_rebuttal_names_a_household_a_ground_and_evidence(client: Client) -> None:
    for changes, field in (
        ({"tokens": write(tokens("son"))}, "tokens"),
        ({"ground": "ANGER"}, "ground"),
        ({"evidence_digest": DIGEST[:-4]}, "evidence_digest"),
    ):
        answer = client.post("carrier-b", "/v1/rebuttals", FILING | changes)
        assert problem(answer) == (422, "invalid-field")
        assert [each["field"] for each in answer.json["errors"]] == [field]
