"""A local program tells why, where and how somebody applies; the gateway makes the context that leaves the carrier."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crypto.references import Named
from gateway.gateway import Gateway
from protocol.encodings import b64url_encode
from tests.support.exports import ADDRESS
from tests.support.local import HERE, a_client, ask
from tests.support.world import World


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


def post(service: FlaskClient, body: dict[str, Any]) -> TestResponse:
    return service.post("/check", json=body, base_url=HERE)


TOLD = {
    "purpose": "NEW_LINE",
    "channel": "OUTLET",
    "outlet": "SH-PD-0123",
    "identity": "READER",
    "agent": "A-017",
    "consent": "consent record 9",
    "consent_text": "standard-1",
}


def told_to_the_registry(world: World) -> dict[str, Any]:
    """Core facts and personal part of the newest entry of an inquiry."""
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    entry = [each for each in entries if each.kind == "inquiry"][-1]
    whole = world.registry.store.read(lambda tx: tx.openings.find(entry.entry_id))
    assert whole is not None
    return json.loads(whole.core)["facts"] | json.loads(whole.personal or b"{}")


def test_the_circumstances_of_an_application_go_along_and_its_numbers_stay_at_home(
    service: FlaskClient, world: World, gateway: Gateway
) -> None:
    response = post(service, ask(**TOLD, order="ORDER-1", address=ADDRESS))
    assert response.json["checked"] == ["subject", "household_address"]
    assert response.json["unchecked"] == {"household_register": "NOT_GIVEN"}
    told = told_to_the_registry(world)
    assert (told["purpose"], told["channel"], told["outlet"], told["identity"]) == (
        "NEW_LINE",
        "OUTLET",
        "SH-PD-0123",
        "READER",
    )
    assert (told["register"], told["address"], told["address_source"]) == ("NOT_GIVEN", "GIVEN", "DECLARED")
    of = gateway.tools.references.of
    assert told["order"] == b64url_encode(of(Named.ORDER, "ORDER-1"))
    assert told["agent"] == b64url_encode(of(Named.AGENT, "A-017"))
    assert told["consent_ref"] == b64url_encode(of(Named.CONSENT, "consent record 9"))


def test_the_callers_reference_stands_for_the_order(service: FlaskClient, world: World, gateway: Gateway) -> None:
    assert post(service, ask(**TOLD)).status_code == 200
    order = gateway.tools.references.of(Named.ORDER, "ORD1")
    assert told_to_the_registry(world)["order"] == b64url_encode(order)


def test_an_application_without_circumstances_is_asked_about_as_before(service: FlaskClient, world: World) -> None:
    assert post(service, ask()).json["decision"] == "ALLOW"
    assert "purpose" not in told_to_the_registry(world)


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        (TOLD | {"purpose": "MARKETING"}, "purpose", "NOT_IN_VOCABULARY"),
        ({name: text for name, text in TOLD.items() if name != "purpose"}, "purpose", "REQUIRED"),
        ({name: text for name, text in TOLD.items() if name != "outlet"}, "outlet", "REQUIRED"),
        ({name: text for name, text in TOLD.items() if name != "agent"}, "agent", "REQUIRED"),
        ({name: text for name, text in TOLD.items() if name != "consent_text"}, "consent_text", "REQUIRED"),
        (TOLD | {"outlet": "Wang Wei"}, "outlet", "MALFORMED"),
        (TOLD | {"channel": "DEALER"}, "dealer", "REQUIRED"),
        (TOLD | {"lines": 0}, "lines", "OUT_OF_RANGE"),
        (TOLD | {"lines": True}, "lines", "OUT_OF_RANGE"),
        (TOLD | {"agent": "\u202ewang"}, "agent", "MALFORMED"),
        (TOLD | {"port_in": "yes"}, "port_in", "WRONG_TYPE"),
    ],
)
def test_circumstances_that_do_not_hold_are_named(
    service: FlaskClient, said: dict[str, Any], field: str, code: str
) -> None:
    response = post(service, ask(**said))
    assert (response.status_code, response.json["errors"]) == (422, [{"field": field, "code": code}])


def test_a_consent_text_that_the_rules_do_not_have_is_the_registrys_word(service: FlaskClient) -> None:
    response = post(service, ask(**TOLD | {"consent_text": "another-1"}))
    assert response.json["errors"] == [{"field": "context.consent.text", "code": "unknown-text"}]
