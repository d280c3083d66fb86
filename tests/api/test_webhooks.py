from typing import Any

import pytest

from tests.support.api import Client, field_error, problem

PLACE = "/v1/participants/carrier-b/webhook"
URL = "https://events.carrier-b.example/"


def test_the_operator_admits_a_webhook_and_its_participant_sees_it(client: Client) -> None:
    assert problem(client.get("carrier-b", PLACE)) == (404, "not-found")
    admitted = client.post("operator", PLACE, {"url": URL})
    assert (admitted.status_code, admitted.json["position"]) == (201, 0)
    assert client.get("carrier-b", PLACE).json == admitted.json
    assert client.get("operator", PLACE).json == admitted.json
    assert client.post("operator", PLACE, {"url": URL, "after": 7}).json["position"] == 7


@pytest.mark.parametrize("who", ["carrier-a", "auditor", "regulator"])
def test_nobody_else_sees_it(client: Client, who: str) -> None:
    client.post("operator", PLACE, {"url": URL})
    assert problem(client.get(who, PLACE)) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://events.carrier-b.example/"}, "not-https"),
        ({"url": "https://127.0.0.1/"}, "private-address"),
        ({"url": "https://user@carrier-b.example/"}, "malformed"),
    ],
)
def test_a_url_that_is_not_called_is_refused(client: Client, body: dict[str, Any], code: str) -> None:
    assert field_error(client.post("operator", PLACE, body)) == ("url", code)


def test_a_webhook_is_for_a_participant(client: Client) -> None:
    assert problem(client.post("operator", "/v1/participants/nobody/webhook", {"url": URL})) == (404, "not-found")
