"""Custodians hand in what they counted, and an auditor holds it against the log, over HTTP."""

from typing import Any

import pytest

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.api import Client, field_error, problem
from tests.support.builders import TODAY, a_report, tokens
from tests.support.tallies import YESTERDAY, a_tally, signed

PATH = "/v1/evaluation-tallies"


def hands_in(client: Client, **changes: Any) -> Any:
    return client.post("custodian", PATH, {"statement": signed(client.world, a_tally(**changes))})


def test_a_tally_is_kept_and_read_beside_the_days_inquiries_and_reports(client: Client) -> None:
    request = InquiryRequest(inquiry_ref="1", tokens=tokens("li"), service_class=ServiceClass.MOBILE)
    for _ in range(2):
        assert client.post("carrier-b", "/v1/inquiries", write(request)).status_code == 201
    client.lists("carrier-a", a_report("wang"))
    client.world.clock.forward(days=1)
    kept = hands_in(client, day=TODAY)
    assert kept.status_code == 201
    assert (kept.json["custodian"], kept.json["total"]) == ("custodian", 402)
    seen = client.get("auditor", f"{PATH}?day={TODAY}")
    assert seen.status_code == 200
    (shown,) = seen.json["tallies"]
    assert shown.pop("statement") == signed(client.world, a_tally(day=TODAY))
    assert shown == kept.json
    assert seen.json["counted"] == [
        {"carrier": "carrier-a", "inquiries": 0, "reports": 1},
        {"carrier": "carrier-b", "inquiries": 2, "reports": 0},
    ]


def test_the_same_tally_under_another_key_of_the_request_is_answered_with_200(client: Client) -> None:
    first, second = hands_in(client), hands_in(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json


def test_another_tally_of_the_day_is_a_conflict(client: Client) -> None:
    assert hands_in(client).status_code == 201
    assert problem(hands_in(client, carriers={"carrier-a": 1})) == (409, "already-exists")


@pytest.mark.parametrize("query", ["", "?day=2026-02-30", "?day=20261120", "?day=2026-11-20&x=1", "?day="])
def test_a_day_that_is_none_is_refused(client: Client, query: str) -> None:
    assert problem(client.get("auditor", PATH + query))[0] == 422


@pytest.mark.parametrize(
    ("day", "why"), [(TODAY, "not-over"), ("9998-12-31", "not-over"), ("1900-01-01", "too-long-ago")]
)
def test_a_day_of_which_nothing_whole_can_be_said_is_refused(client: Client, day: Any, why: str) -> None:
    assert field_error(client.get("regulator", f"{PATH}?day={day}")) == ("day", why)


def test_a_day_without_anything_is_empty_and_its_reading_is_logged_all_the_same(client: Client) -> None:
    seen = client.get("regulator", f"{PATH}?day={YESTERDAY}")
    assert seen.json == {"day": str(YESTERDAY), "tallies": [], "counted": []}
    entries = client.world.registry.store.read(lambda tx: tx.openings.first(100))
    assert [each.participant_id for each in entries if each.kind == "evaluation.tallies-read"] == ["regulator"]
