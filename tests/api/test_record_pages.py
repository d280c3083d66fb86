"""A creditor lists its own records page by page, and never another's."""

from typing import Any

import pytest

from protocol.encodings import b64url_encode
from protocol.wire.codec import write
from tests.support.api import NOBODYS, Client, field_error, problem
from tests.support.builders import TODAY, a_report, account

REFERENCES = ("account_ref", "person_ref")


def listed(client: Client, who: str, number: str, **changes: Any) -> str:
    return client.lists(who, a_report(f"debtor-{number}", number, **changes))


def pages(client: Client, who: str, query: str = "") -> list[list[dict[str, Any]]]:
    """All pages of two, each asked for behind the last record of the one before."""
    found, after = [], ""
    while True:
        page = client.get(who, f"/v1/records?limit=2{query}{after}").json
        found.append(page["records"])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_every_record_is_on_one_page_with_its_account_and_no_foreign_one_on_any(client: Client) -> None:
    own = {listed(client, "carrier-a", number): number for number in ("A1", "A2", "A3", "A4", "A5")}
    foreign = listed(client, "carrier-b", "A1")
    found = pages(client, "carrier-a")
    assert [len(page) for page in found] == [2, 2, 1]
    shown = {each["record_id"]: each["account_ref"] for page in found for each in page}
    assert shown == {record_id: b64url_encode(account(number)) for record_id, number in own.items()}
    assert [each["record_id"] for (each,) in pages(client, "carrier-b")] == [foreign]
    assert pages(client, "carrier-c") == [[]]
    one = client.get("carrier-a", f"/v1/records/{next(iter(own))}").json
    assert {key: value for key, value in found[0][0].items() if key not in REFERENCES}.keys() == one.keys()


def test_a_person_reference_is_on_the_page_as_it_was_given_and_one_of_another_length_is_refused(client: Client) -> None:
    listed(client, "carrier-a", "A1", person_ref=b"p" * 32)
    listed(client, "carrier-a", "A2")
    [shown] = pages(client, "carrier-a")
    assert {each["person_ref"] for each in shown} == {None, b64url_encode(b"p" * 32)}
    for length in (0, 31, 33):
        wrong = write(a_report("debtor", "A3")) | {"person_ref": b64url_encode(b"p" * length)}
        answer = client.post("carrier-a", "/v1/records", wrong)
        assert (answer.status_code, "person_ref" in field_error(answer)) == (422, True)


def test_a_page_has_the_state_that_was_asked_for_and_is_full_where_there_are_more(client: Client) -> None:
    active = {listed(client, "carrier-a", f"A{number}") for number in range(3)}
    pending = {listed(client, "carrier-a", f"P{number}", notice_date=TODAY) for number in range(2)}
    for state, expected in (("ACTIVE", active), ("PENDING", pending), ("CLEARED", set())):
        found = pages(client, "carrier-a", f"&state={state}")
        assert {each["record_id"] for page in found for each in page} == expected
        assert all(each["state"] == state for page in found for each in page)
    assert len(pages(client, "carrier-a", "&state=PENDING")) == 1


def test_a_record_that_moves_between_two_pages_moves_no_other(client: Client) -> None:
    own = {listed(client, "carrier-a", f"A{number}") for number in range(4)}
    first = client.get("carrier-a", "/v1/records?state=ACTIVE&limit=2").json
    for gone in first["records"]:
        client.post("carrier-a", f"/v1/records/{gone['record_id']}/withdrawal", {"reason": "WRONG_AMOUNT"})
    rest = client.get("carrier-a", f"/v1/records?state=ACTIVE&limit=2&after={first['next']}").json
    assert rest["next"] is None
    assert {each["record_id"] for page in (first, rest) for each in page["records"]} == own


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=1001", "limit", "out-of-range"),
        ("limit=02", "limit", "wrong-type"),
        ("limit=-1", "limit", "wrong-type"),
        ("state=OPEN", "state", "invalid"),
        ("state=", "state", "invalid"),
        ("after=1", "after", "invalid"),
        (f"after={NOBODYS}", "after", "unknown"),
        ("offset=5", ".", "unknown-field"),
    ],
)
def test_a_query_that_cannot_be_names_its_field(shared: Client, query: str, field: str, code: str) -> None:
    assert field_error(shared.get("carrier-a", f"/v1/records?{query}")) == (field, code)


def test_a_foreign_record_is_no_place_to_go_on_from_and_is_refused_like_one_that_is_not_there(client: Client) -> None:
    foreign = client.get("carrier-a", f"/v1/records?after={listed(client, 'carrier-b', 'B1')}")
    unknown = client.get("carrier-a", f"/v1/records?after={NOBODYS}")
    assert problem(foreign) == problem(unknown) == (422, "invalid-field")
    assert foreign.json == unknown.json
