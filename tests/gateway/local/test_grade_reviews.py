"""A person looks at the decision that a grade made; a program tells it by the order's number alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from protocol.encodings import format_time
from tests.support.apps import an_app
from tests.support.local import HERE, a_client, ask, name
from tests.support.orders import TOLD, OfBefore
from tests.support.parties import Parties
from tests.support.world import World


@pytest.fixture
def service(gateway: Gateway, tmp_path: Path) -> Iterator[FlaskClient]:
    with a_client(gateway, tmp_path / "local-tokens.json") as client:
        yield client


@pytest.fixture
def review(world: World, service: FlaskClient, low_grade: RawIdentity) -> dict[str, Any]:
    """A review that lifts the decision of ORDER-1, which its applicant asked for a minute later."""
    applicant = ask(**TOLD, order="ORDER-1", document={"kind": "RESIDENT_ID", "number": low_grade.number})
    assert post(service, applicant, "/check").json["decision"] == "DEPOSIT"
    world.clock.forward(minutes=1)
    asked = {"reason": "GOOD_RECORD_HERE", "asked_at": format_time(world.clock())}
    return {"order": "ORDER-1", "outcome": "LIFTED", "agent": "A-017", "approved_by": "B-002"} | asked


def post(service: FlaskClient, body: dict[str, Any], path: str = "/grade-reviews") -> TestResponse:
    return service.post(path, json=body, base_url=HERE)


def test_a_lifted_order_is_opened_as_asked_and_obeys(service: FlaskClient, review: dict[str, Any]) -> None:
    told = post(service, review | {"languages": ["zh", "en"]})
    assert (told.status_code, told.json["outcome"], told.json["late"]) == (201, "LIFTED", False)
    assert told.json["texts"]["en"]["clerk"] == [
        "Noted: the order may be done as asked. Report it as ACTIVATED, with the reason REVIEWED.",
        "The applicant's ground: a good record at this carrier.",
    ]
    assert "A-017" not in told.text
    done = {"order": "ORDER-1", "outcome": "ACTIVATED", "reason": "REVIEWED"}
    assert post(service, done, "/activations").json["obeyed"] == "YES"


def test_the_same_call_again_says_the_same_even_after_the_order_was_checked_again(
    service: FlaskClient, review: dict[str, Any], world: World
) -> None:
    first = post(service, review)
    assert post(service, review).json == first.json
    world.clock.forward(hours=1)
    assert post(service, {"order": "ORDER-1"}, "/recheck").json["decision"] == "DEPOSIT"
    assert post(service, review).json == first.json
    assert name(post(service, review | {"agent": "C-003"})) == "edge-not-allowed"


def test_a_late_review_of_a_wrong_fact_is_noted_and_leads_to_a_dispute(
    service: FlaskClient, review: dict[str, Any], world: World
) -> None:
    world.clock.forward(days=6)
    confirmed = {key: value for key, value in review.items() if key != "approved_by"}
    told = post(service, confirmed | {"outcome": "CONFIRMED", "reason": "FACT_WRONG", "languages": ["en"]}).json
    stands, _, dispute, late = told["texts"]["en"]["clerk"]
    assert (told["late"], stands) == (
        True,
        "Noted: the decision stands. Offer the deposit or the prepaid service as before.",
    )
    assert dispute == "If a debt is wrong, file a dispute for the applicant."
    assert late == f"The review came after {told['due_on']}, its last day; this is noted."


def test_each_refusal_is_passed_on_and_names_no_number(service: FlaskClient, review: dict[str, Any]) -> None:
    assert name(post(service, review | {"order": "SECRET-ORDER"})) == "order-unknown"
    assert name(post(service, review | {"approved_by": ""})) == "second-person-missing"
    assert name(post(service, review | {"approved_by": review["agent"]})) == "same-person"
    post(service, ask(**TOLD, order="ORDER-2"), "/check")
    assert name(post(service, review | {"order": "ORDER-2"})) == "not-graded"
    wrong = post(service, review | {"asked_at": "2026-11-21T00:00:00.000000Z"})
    assert wrong.json["errors"] == [{"field": "asked_at", "code": "before-the-decision"}]
    for body in ({"agent": "\u202e"}, {"reason": "MOOD"}, {"asked_at": ""}, {"asked_at": "soon"}, {"points": 475}):
        refused = post(service, review | body)
        assert (refused.status_code, [each["field"] for each in refused.json["errors"]]) == (422, list(body))


def test_a_registry_of_before_is_told_from_a_refusal(
    service: FlaskClient, review: dict[str, Any], parties: Parties, world: World
) -> None:
    parties.registry.inner = httpx.WSGITransport(OfBefore(an_app(world.registry), ("/v1/grade-reviews",)))
    response = post(service, review)
    assert (response.status_code, name(response)) == (501, "not-offered")
    assert "takes no reviews of grades yet" in response.json["detail"]
