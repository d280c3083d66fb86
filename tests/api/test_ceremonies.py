"""Custodians report a ceremony, and everybody reads and checks it, over HTTP."""

import json
from typing import Any

import pytest

from ceremony.verify import verify_transcript
from tests.support.api import Client, problem
from tests.support.ceremonies import first_custodians, first_held, hold, refresh
from tests.support.committees import admit_custodians

PATH = "/v1/ceremonies"


def reports(client: Client, who: str, transcript: bytes) -> Any:
    return client.post(who, PATH, {"transcript": transcript.decode()})


def test_a_ceremony_is_reported_once_and_read_by_everybody(client: Client) -> None:
    admit_custodians(client.world)
    transcript = first_held().formed.transcript
    first, second = (reports(client, who, transcript) for who in ("custodian-1", "custodian-3"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    for who in ("carrier-a", "auditor", "custodian"):
        assert client.get(who, PATH).json == {"ceremonies": [first.json]}
        kept = client.get(who, f"{PATH}/1/1").json
        assert json.loads(kept.pop("core"))["facts"]["ceremony"] == first.json["ceremony"]
        assert len(kept.pop("core_salt")) == 43
        assert verify_transcript(kept.pop("transcript").encode()).transcript == transcript
        assert kept == first.json


def test_a_refusal_says_why_and_names_a_party(client: Client) -> None:
    transcript = first_held().formed.transcript
    assert problem(reports(client, "custodian", transcript)) == (403, "not-a-party")
    admit_custodians(client.world, [first_custodians()["custodian-2"]])
    refused = reports(client, "custodian-2", transcript)
    assert problem(refused) == (422, "party-unknown")
    assert json.loads(refused.data)["party"] == "custodian-1"
    refused = reports(client, "custodian-2", transcript[:-1])
    assert problem(refused) == (422, "ceremony-invalid")
    assert json.loads(refused.data)["errors"] == [{"code": "NOT_CANONICAL", "field": "transcript"}]


def test_a_fork_is_a_conflict(client: Client) -> None:
    admit_custodians(client.world)
    first = first_held()
    refreshed = [hold(refresh(first), first_custodians(), former=first).formed.transcript for _ in range(2)]
    assert problem(reports(client, "custodian-1", refreshed[0])) == (409, "committee-unproven")
    assert reports(client, "custodian-1", first.formed.transcript).status_code == 201
    assert reports(client, "custodian-1", refreshed[0]).status_code == 201
    assert problem(reports(client, "custodian-1", refreshed[1])) == (409, "committee-not-next")


@pytest.mark.parametrize("path", ["0/1", "1/0", "01/1", "1/2147483648", "9999999999/1", "1/-1", "a/1", "1/2", "1"])
def test_a_committee_that_is_none_is_not_found(client: Client, path: str) -> None:
    assert problem(client.get("auditor", f"{PATH}/{path}")) == (404, "not-found")
