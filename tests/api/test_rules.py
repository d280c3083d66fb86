"""The rules at the door: read by everybody, proposed by the operator, approved by another."""

import copy
import datetime as dt
from typing import Any

import pytest

from api.examples import rules
from tests.support.api import Client, field_error, problem
from tests.support.builders import TODAY

IN_FORCE = (TODAY + dt.timedelta(days=14)).isoformat()
PROPOSAL = rules.RULES | {"version": "2027-01", "effective_from": IN_FORCE, "plan_grace_days": 9}
TERMS = {"daily_ppm": 1_000, "cap_ppm": 500_000, "effective_from": TODAY.isoformat()}


def test_a_version_is_proposed_by_one_approved_by_another_and_read_by_all(client: Client) -> None:
    proposed = client.post("operator", "/v1/rules", PROPOSAL)
    assert (proposed.status_code, proposed.json["state"], proposed.json["rules"]) == (201, "PROPOSED", PROPOSAL)
    body = {"sha256": proposed.json["sha256"]}
    assert problem(client.post("operator", "/v1/rules/2027-01/approval", body)) == (403, "role-missing")
    approved = client.post("regulator", "/v1/rules/2027-01/approval", body, key="approval")
    assert (approved.status_code, approved.json["state"], approved.json["approved_by"]) == (
        201,
        "APPROVED",
        "regulator",
    )
    assert client.post("regulator", "/v1/rules/2027-01/approval", body, key="approval").data == approved.data
    assert client.get("carrier-a", "/v1/rules/2027-01").json == approved.json
    assert client.get("auditor", f"/v1/rules?at={IN_FORCE}").json["rules"] == PROPOSAL
    assert client.get("auditor", "/v1/rules").json["rules"]["version"] == "2026-01"
    told = client.get("carrier-b", "/v1/events").json["events"]
    assert [(each["kind"], each["facts"]["version"]) for each in told] == [("RULES_CHANGED", "2027-01")]


def test_the_founding_version_and_no_other_is_there_from_the_start(client: Client) -> None:
    founding = client.get("auditor", "/v1/rules/2026-01").json
    assert (founding["state"], founding["proposed_by"]) == ("APPROVED", None)
    assert problem(client.get("auditor", "/v1/rules/2027-01")) == (404, "not-found")
    assert problem(client.get("auditor", "/v1/rules/" + "x" * 33)) == (404, "not-found")


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        (("late_fee", "daily_ppm"), 3_001, "late_fee.daily_ppm", "out-of-range"),
        (("late_fee", "daily_ppm"), "3000", "late_fee.daily_ppm", "wrong-type"),
        (("retention", "record_years"), 6, "retention.record_years", "out-of-range"),
        (("allocation",), ["FEES", "FEES", "COSTS"], "allocation", "not-every-part-once"),
        (("disputes", "close_days"), 15, "disputes.close_days", "not-after-answer"),
        (("effective_from",), TODAY.isoformat(), "effective_from", "notice-too-short"),
        (("collection", "holidays"), ["2027-01-02"], "collection.holidays", "not-a-weekday"),
    ],
)
def test_a_version_that_cannot_be_names_its_field(
    client: Client, path: tuple[str, ...], value: Any, field: str, code: str
) -> None:
    proposal = copy.deepcopy(PROPOSAL)
    inner = proposal
    for each in path[:-1]:
        inner = inner[each]
    inner[path[-1]] = value
    assert field_error(client.post("operator", "/v1/rules", proposal)) == (field, code)


def test_a_name_is_taken_once_and_a_version_approved_once(client: Client) -> None:
    body = {"sha256": client.post("operator", "/v1/rules", PROPOSAL).json["sha256"]}
    assert problem(client.post("operator", "/v1/rules", PROPOSAL)) == (409, "already-exists")
    client.post("regulator", "/v1/rules/2027-01/approval", body)
    assert problem(client.post("regulator", "/v1/rules/2027-01/approval", body)) == (409, "already-exists")
    assert problem(client.post("regulator", "/v1/rules/2028-01/approval", body)) == (404, "not-found")


def test_an_approval_names_the_figures_that_it_approves(client: Client) -> None:
    client.post("operator", "/v1/rules", PROPOSAL)
    refused = client.post("regulator", "/v1/rules/2027-01/approval", {"sha256": "5e" * 32})
    assert field_error(refused) == ("sha256", "not-the-proposal")
    assert problem(client.post("regulator", "/v1/rules/2027-01/approval", {})) == (422, "invalid-field")


def test_a_creditor_sets_its_own_fee_and_sees_nobody_elses(client: Client) -> None:
    terms = client.post("carrier-a", "/v1/creditor-terms", TERMS)
    assert terms.status_code == 201
    assert client.get("carrier-a", "/v1/creditor-terms").json == {"in_force": terms.json, "terms": [terms.json]}
    assert client.get("carrier-b", "/v1/creditor-terms").json == {"in_force": None, "terms": []}
    refused = client.post("carrier-a", "/v1/creditor-terms", TERMS | {"daily_ppm": 3_001})
    assert field_error(refused) == ("daily_ppm", "above-the-rules")
