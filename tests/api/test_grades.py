"""The credit grade at the door: a carrier's own terms for low grades."""

import datetime as dt
from typing import Any

import pytest

from api.answers import PADDED_BYTES
from api.examples import grades
from protocol.wire.codec import write
from tests.support.api import Client, field_error, problem
from tests.support.builders import TODAY, tokens
from tests.support.contexts import asks_in_context
from tests.support.grade_reviews import a_review, asks_about_low_grade, confirming, grading_begins

TERMS = grades.NEW_CREDIT_TERMS | {"effective_from": TODAY.isoformat()}


def test_a_carrier_sets_its_own_credit_terms_and_sees_nobody_elses(client: Client) -> None:
    later = (TODAY + dt.timedelta(days=30)).isoformat()
    default = {name: value for name, value in TERMS.items() if name != "tariff"}
    own = client.post("carrier-a", "/v1/credit-terms", TERMS)
    client.world.clock.forward(seconds=1)
    rest = client.post("carrier-a", "/v1/credit-terms", default)
    assert (own.status_code, rest.status_code) == (201, 201)
    changed = client.post("carrier-a", "/v1/credit-terms", TERMS | {"use": "OFF", "effective_from": later}).json
    every = [own.json, rest.json, changed]
    assert client.get("carrier-a", "/v1/credit-terms").json == {"in_force": [rest.json, own.json], "terms": every}
    then = client.get("carrier-a", f"/v1/credit-terms?at={later}").json["in_force"]
    assert then == [rest.json, changed]
    assert client.get("carrier-b", "/v1/credit-terms").json == {"in_force": [], "terms": []}


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("service_class", "EQUIPMENT", "invalid"),
        ("tariff", "", "invalid"),
        ("tariff", "5g-129", "invalid"),
        ("tariff", "A" * 17, "invalid"),
        ("average_bill_fen", 0, "out-of-range"),
        ("average_bill_fen", 10_000_01, "out-of-range"),
        ("deposit_permille_of_bill", -1, "out-of-range"),
        ("deposit_permille_of_bill", 2_001, "out-of-range"),
        ("prepaid", "yes", "wrong-type"),
        ("use", "MAYBE", "invalid"),
        ("effective_from", (TODAY - dt.timedelta(days=1)).isoformat(), "in-the-past"),
        ("effective_from", "soon", "wrong-type"),
        ("surprise", 1, "unknown-field"),
    ],
)
def test_credit_terms_beyond_their_bounds_or_in_arrears_are_refused(
    client: Client, member: str, value: Any, code: str
) -> None:
    refused = client.post("carrier-a", "/v1/credit-terms", TERMS | {member: value})
    assert problem(refused) == (422, "invalid-field")
    assert field_error(refused) == ("." if member == "surprise" else member, code)
    assert client.get("carrier-a", "/v1/credit-terms").json == {"in_force": [], "terms": []}


def test_a_review_is_told_once_and_each_refusal_has_its_own_name(client: Client) -> None:
    world = client.world
    grading_begins(world)
    answer = asks_about_low_grade(world)
    ungraded = write(a_review(world, asks_in_context(world, "carrier-b", tokens("li"))))
    lifting, confirmed = write(a_review(world, answer)), write(confirming(world, answer))

    def told(body: dict[str, Any], who: str = "carrier-b") -> Any:
        return client.post(who, "/v1/grade-reviews", body)

    assert problem(told(ungraded)) == (422, "not-graded")
    assert problem(told(lifting, "carrier-a")) == (403, "token-foreign")
    assert problem(told(lifting | {"approved_by": lifting["agent"]})) == (422, "same-person")
    alone = {name: value for name, value in lifting.items() if name != "approved_by"}
    assert problem(told(alone)) == (422, "second-person-missing")
    for member, value in (("outcome", "FORGOTTEN"), ("reason", "MOOD"), ("agent", "AA"), ("asked_at", "soon")):
        assert field_error(told(lifting | {member: value}))[0] == member
    first, second = told(confirmed), told(lifting)
    again = told(lifting)
    assert (first.status_code, second.status_code, again.status_code) == (201, 201, 200)
    assert again.json == second.json
    assert second.json["asked_at"] == lifting["asked_at"]
    assert problem(told(confirmed | {"reason": "OTHER"})) == (409, "edge-not-allowed")
    sizes = {
        len(each.data) + len(str(len(each.data))) + len(each.headers["Clearline-Padding"]) for each in (first, second)
    }
    assert sizes == {PADDED_BYTES}
