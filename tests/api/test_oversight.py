"""An auditor and a regulator read what others keep, and no answer of theirs names a person or an account."""

import uuid
from typing import Any

import pytest

from protocol.encodings import b64url_encode
from registry.store import pages as store_pages
from tests.support.api import NOBODYS, Client, field_error, problem
from tests.support.builders import TODAY, a_report, account

RECORDS = "/v1/oversight/records"


def listed(client: Client, who: str, number: str, **changes: Any) -> str:
    client.world.clock.forward(seconds=1)
    return client.lists(who, a_report(f"debtor-{number}", number, **changes))


def pages(client: Client, path: str, noun: str, query: str = "limit=2", who: str = "auditor") -> list[list[Any]]:
    """All pages of a list, each asked for behind the place that the one before names."""
    found, after = [], ""
    while True:
        answer = client.get(who, f"{path}?{query}{after}")
        assert answer.status_code == 200, answer.data
        found.append(answer.json[noun])
        if answer.json["next"] is None:
            return found
        after = f"&after={answer.json['next']}"


def ids(found: list[list[Any]], name: str = "record_id") -> list[str]:
    return [each[name] for page in found for each in page]


@pytest.mark.parametrize("who", ["auditor", "regulator"])
def test_an_office_reads_a_record_with_its_creditor_and_the_events_that_made_it(client: Client, who: str) -> None:
    record_id = listed(client, "carrier-a", "A1")
    client.world.clock.forward(seconds=1)
    client.post("carrier-a", f"/v1/records/{record_id}/withdrawal", {"reason": "REPORTED_IN_ERROR"})
    own = client.get("carrier-a", f"/v1/records/{record_id}").json
    shown = client.get(who, f"/v1/records/{record_id}").json
    assert own is not None
    assert shown is not None
    assert {name: value for name, value in shown.items() if name not in ("creditor", "events")} == own
    assert shown["creditor"] == "carrier-a"
    assert not {"creditor", "events"} & own.keys()
    assert [each["target"] for each in shown["events"]][-1] == "WITHDRAWN"
    assert [each["actor"] for each in shown["events"]][-1] == "carrier-a"
    kept = {str(each.entry_id) for each in client.world.registry.store.read(lambda tx: tx.openings.first(10_000))}
    assert {each["log_entry_id"] for each in shown["events"]} <= kept


def test_no_answer_to_an_office_names_an_account_or_a_person(client: Client) -> None:
    record_id = listed(client, "carrier-a", "A1", person_ref=b"p" * 32)
    keys = client.world.registry.store.read(lambda tx: tx.records.find(uuid.UUID(record_id)))
    assert keys is not None
    for path in (f"/v1/records/{record_id}", RECORDS, f"{RECORDS}?creditor=carrier-a"):
        text = client.get("auditor", path).text
        for secret in (account("A1"), b"p" * 32, keys.subject_key):
            assert b64url_encode(secret) not in text
            assert secret.hex() not in text


def test_every_record_of_every_creditor_is_on_one_page(client: Client) -> None:
    own = {listed(client, who, f"{who[-1]}{number}"): who for number in range(3) for who in ("carrier-a", "carrier-b")}
    found = pages(client, RECORDS, "records")
    assert ids(found) == sorted(own)
    assert {each["record_id"]: each["creditor"] for page in found for each in page} == own
    assert set(ids(pages(client, RECORDS, "records", "limit=2&creditor=carrier-b"))) == {
        each for each, who in own.items() if who == "carrier-b"
    }
    assert ids(pages(client, RECORDS, "records", "creditor=nobody")) == []


def test_a_page_has_the_state_of_today_and_the_due_dates_that_were_asked_for(client: Client) -> None:
    early = listed(client, "carrier-a", "E1")
    late = listed(client, "carrier-a", "L1", notice_date=TODAY)
    due = client.get("auditor", f"/v1/records/{early}").json["due_date"]
    for more in ("", "&creditor=carrier-a"):
        assert ids(pages(client, RECORDS, "records", f"state=ACTIVE{more}")) == [early]
        assert ids(pages(client, RECORDS, "records", f"state=PENDING{more}")) == [late]
        assert ids(pages(client, RECORDS, "records", f"state=CLEARED{more}")) == []
        assert early in ids(pages(client, RECORDS, "records", f"due_from={due}&due_to={due}{more}"))
        assert ids(pages(client, RECORDS, "records", f"due_to=2000-01-01{more}")) == []
        assert ids(pages(client, RECORDS, "records", f"due_from=2099-01-01{more}")) == []


def test_a_page_looks_at_a_window_and_goes_on_where_nothing_fits(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_pages, "WINDOW", 2)
    waiting = [listed(client, "carrier-a", f"A{number}") for number in range(4)]
    last = listed(client, "carrier-a", "P1", notice_date=TODAY)
    found = pages(client, RECORDS, "records", "state=PENDING")
    assert found == [[], [], found[2]]
    assert ids(found) == [last]
    assert ids(pages(client, RECORDS, "records", "limit=1")) == [*waiting, last]


def test_a_record_that_moves_between_two_pages_moves_no_other(client: Client) -> None:
    own = [listed(client, "carrier-a", f"A{number}") for number in range(4)]
    first = client.get("auditor", f"{RECORDS}?limit=2&state=ACTIVE").json
    for each in first["records"]:
        client.post("carrier-a", f"/v1/records/{each['record_id']}/withdrawal", {"reason": "REPORTED_IN_ERROR"})
    rest = client.get("auditor", f"{RECORDS}?limit=2&state=ACTIVE&after={first['next']}").json
    assert [each["record_id"] for page in (first, rest) for each in page["records"]] == own


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out-of-range"),
        ("limit=201", "limit", "out-of-range"),
        ("state=OPEN", "state", "invalid"),
        ("due_from=2026-02-30", "due_from", "invalid"),
        ("creditor=CARRIER", "creditor", "invalid"),
        (f"creditor=carrier-a&after={NOBODYS}", "after", "unknown"),
        ("account=1", ".", "unknown-field"),
    ],
)
def test_a_query_that_cannot_be_names_its_field(shared: Client, query: str, field: str, code: str) -> None:
    assert field_error(shared.get("auditor", f"{RECORDS}?{query}")) == (field, code)


def test_a_record_that_is_not_there_is_not_found_and_no_reading(client: Client) -> None:
    answer = client.get("auditor", f"/v1/records/{NOBODYS}")
    assert problem(answer) == (404, "not-found")
    foreign = client.get("carrier-b", f"/v1/records/{listed(client, 'carrier-a', 'A1')}")
    assert problem(foreign) == (404, "not-found")
