"""The credit grade at the door: a carrier's own terms for low grades."""

import datetime as dt
from typing import Any

import pytest

from api.examples import grades
from tests.support.api import Client, field_error, problem
from tests.support.builders import TODAY

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
