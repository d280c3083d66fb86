"""An auditor and a regulator read what others keep, and no answer of theirs names a person or an account."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from protocol.encodings import b64url_encode
from protocol.wire.codec import write
from registry.store import pages as store_pages
from tests.support.api import NOBODYS, Client, admit_checker, field_error, problem
from tests.support.builders import TODAY, a_report, account
from tests.support.log_rounds import integrate_all
from tests.support.overseen import demanded, places

RECORDS = "/v1/oversight/records"
OTHER_STATES = {"plans": "BROKEN", "transfers": "ACCEPTED", "entries": "EFFECTIVE", "rebuttals": "WITHDRAWN"}


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


def test_no_list_or_resource_that_an_office_reads_names_a_person_or_an_account(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    records = client.world.registry.store.read(lambda tx: tx.record_pages.of_all(None, 200))[0]
    secrets = {each.subject_key for each in records} | {each.account_ref for each in records}
    for name, path in paths.items():
        if name not in ("readArchive", "readOpenings", "readDisputeDocument", "readEvidenceDocument"):
            reader = "auditor" if name != "listDisputeDocuments" else "adjudicator"
            text = client.get(reader, path).text
            assert not [each for each in secrets if b64url_encode(each) in text or each.hex() in text], name


def test_each_list_has_what_was_made_with_the_state_of_today_and_is_read_page_by_page(
    client: Client, tmp_path: Path
) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    for single, path, noun, member, state in (
        ("readPlan", "/v1/plans", "plans", "plan_id", "RUNNING"),
        ("readTransfer", "/v1/transfers", "transfers", "transfer_id", "PROPOSED"),
        ("readRedListEntry", "/v1/red-list", "entries", "entry_id", "PROPOSED"),
        ("readRebuttal", "/v1/rebuttals", "rebuttals", "rebuttal_id", "HOLDS"),
        ("readSettlement", "/v1/settlements", "settlements", "settlement_id", None),
    ):
        made = paths[single].rpartition("/")[2]
        found = pages(client, path, noun, "limit=1", "regulator")
        assert made in ids(found, member), path
        assert all(len(page) <= 1 for page in found)
        (same,) = [each for page in found for each in page if each[member] == made]
        assert same == client.get("regulator", paths[single]).json
        if state is not None:
            assert same["state"] == state
            assert made in ids(pages(client, path, noun, f"state={state}"), member)
            others = pages(client, path, noun, f"state={OTHER_STATES[noun]}")
            assert made not in ids(others, member)


def test_a_state_that_a_term_has_brought_is_found_before_the_scheduler_writes_it(
    client: Client, tmp_path: Path
) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    client.world.clock.forward(days=120)
    plan, transfer = paths["readPlan"].rpartition("/")[2], paths["readTransfer"].rpartition("/")[2]
    assert plan in ids(pages(client, "/v1/plans", "plans", "state=BROKEN"), "plan_id")
    assert plan not in ids(pages(client, "/v1/plans", "plans", "state=RUNNING"), "plan_id")
    assert transfer in ids(pages(client, "/v1/transfers", "transfers", "state=LAPSED"), "transfer_id")
    assert transfer not in ids(pages(client, "/v1/transfers", "transfers", "state=PROPOSED"), "transfer_id")
    assert ids(pages(client, "/v1/transfers", "transfers", "party=carrier-c"), "transfer_id") == []
    assert transfer in ids(pages(client, "/v1/transfers", "transfers", "party=carrier-b"), "transfer_id")
    assert ids(pages(client, "/v1/plans", "plans", "creditor=carrier-b"), "plan_id") == []


def test_a_carrier_lists_its_own_settlements_and_no_others(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    before = len(client.world.registry.store.read(lambda tx: tx.openings.first(10_000)))
    own = pages(client, "/v1/settlements", "settlements", "limit=1", "carrier-a")
    assert paths["readSettlement"].rpartition("/")[2] in ids(own, "settlement_id")
    assert {each["creditor"] for page in own for each in page} == {"carrier-a"}
    assert pages(client, "/v1/settlements", "settlements", "limit=1", "carrier-c") == [[]]
    assert field_error(client.get("carrier-b", "/v1/settlements?creditor=carrier-a")) == ("creditor", "unknown")
    assert client.get("carrier-a", paths["readSettlement"]).status_code == 200
    assert problem(client.get("carrier-b", paths["readSettlement"])) == (404, "not-found")
    assert len(client.world.registry.store.read(lambda tx: tx.openings.first(10_000))) == before
    assert ids(pages(client, "/v1/settlements", "settlements", "creditor=carrier-b"), "settlement_id") == []


def test_a_settlement_says_when_its_payment_came_undone(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    assert client.get("auditor", paths["readSettlement"]).json["reversed_at"] is None
    admit_checker(client.world)
    assert client.post("carrier-a-checker", f"{paths['readReversal']}/confirmation", {}).status_code == 200
    assert client.get("auditor", paths["readSettlement"]).json["reversed_at"] is not None


def test_a_carrier_lists_its_own_demands_and_batches(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    demanded(client.world, shown=False)
    (page,) = pages(client, "/v1/evidence-demands", "demands", "limit=5", "carrier-a")
    assert [each["creditor"] for each in page] == ["carrier-a"]
    assert pages(client, "/v1/evidence-demands", "demands", "limit=5", "carrier-b") == [[]]
    row = json.dumps(write(a_report("row", "R1"))).encode() + b"\n"
    for key in ("b", "a", "c"):
        client.post("carrier-a", "/v1/record-batches", row, key=key, content_type="application/x-ndjson")
    client.post("carrier-b", "/v1/record-batches", row, key="other", content_type="application/x-ndjson")
    client.post("carrier-a", "/v1/activation-batches", b"{}\n", key="act", content_type="application/x-ndjson")
    found = pages(client, "/v1/record-batches", "batches", "limit=2", "carrier-a")
    assert [[(each["batch_key"], each["rows"]) for each in page] for page in found] == [
        [("a", 1), ("b", 1)],
        [("c", 1)],
    ]


@pytest.mark.parametrize(
    ("who", "more", "expected"),
    [
        ("auditor", "", ("between", "required")),
        ("carrier-a", "?between=carrier-c", ("between", "unknown")),
    ],
)
def test_a_month_of_two_carriers_is_named_by_an_office_and_by_nobody_else(
    client: Client, who: str, more: str, expected: tuple[str, str]
) -> None:
    month = "/v1/net-statements/2026-11/carrier-b"
    assert field_error(client.get(who, month + more)) == expected
    assert problem(client.get("auditor", f"{month}?between=nobody")) == (404, "not-found")
    own = client.get("carrier-a", f"{month}?between=carrier-a").json
    seen = client.get("auditor", f"{month}?between=carrier-a").json
    assert own is not None
    assert own == seen
    assert client.get("auditor", f"{month}?between=carrier-a&format=csv").status_code in (200, 422)


def test_an_auditor_opens_no_papers_and_decides_nothing(client: Client, tmp_path: Path) -> None:
    integrate_all(client.world, tmp_path)
    paths = places(client.world)
    for name in ("listDisputeDocuments", "readDisputeDocument"):
        assert problem(client.get("auditor", paths[name])) == (403, "role-missing")
    decision = client.post("auditor", f"{paths['readDispute']}/decision", {"decision": "UPHOLD"})
    assert problem(decision) == (403, "role-missing")
