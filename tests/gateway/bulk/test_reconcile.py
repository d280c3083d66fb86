"""An export is compared with the records of its carrier: what differs is listed, and nothing is changed."""

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from client.errors import IncarnationChanged
from client.resources.records import own_records
from gateway.bulk.file_guards import NUMBERS_DAMAGED, Consent
from gateway.bulk.reconcile import CLOSED_THERE, DIFFERING, NO_ROWS, ONLY_OURS, ONLY_THEIRS, ReconcileSummary
from gateway.errors import FileBroken, FileSuspicious
from gateway.gateway import Gateway
from protocol.codes import SettlementKind
from registry.usecases.archive.seal_records import seal_records
from tests.support.builders import TODAY, a_report
from tests.support.bulk import counts, reconcile, report
from tests.support.exports import debt, debts, resident, write
from tests.support.parties import Parties
from tests.support.payments import payment
from tests.support.restores import backup, restore
from tests.support.stories import lists as lists_record
from tests.support.world import World

CHILD = resident(5, born=TODAY - dt.timedelta(days=365 * 12))


@pytest.fixture
def compare(gateway: Gateway, tmp_path: Path, mappings: Path) -> Any:
    def run(rows: list[dict[str, str]], **options: Any) -> ReconcileSummary:
        source = write(tmp_path / "next.csv", rows)
        return reconcile(gateway, source, mappings / "arrears.toml", tmp_path / "lists", **options)

    return run


@pytest.fixture
def reported(gateway: Gateway, tmp_path: Path, mappings: Path) -> Any:
    def run(rows: list[dict[str, str]]) -> None:
        report(gateway, tmp_path, mappings, rows, restart=True)

    return run


def lines(tmp_path: Path, name: str) -> list[dict[str, str]]:
    with (tmp_path / "lists" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accounts(tmp_path: Path, name: str) -> list[str]:
    return [each["account"] for each in lines(tmp_path, name)]


def test_an_export_that_was_just_reported_agrees_in_every_row(
    parties: Parties, tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported(debts(5))
    parties.registry.sent.clear()
    asked = [parties.custodian(index).requests for index in (1, 2, 3)]
    done = compare(debts(5))
    assert (done.rows, done.open_records, done.agreeing) == (5, 5, 5)
    assert [lines(tmp_path, each) for each in (ONLY_OURS, ONLY_THEIRS, DIFFERING, CLOSED_THERE)] == [[]] * 4
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == asked
    assert all(b"/v1/rules" in each or b"/v1/records?" in each for each in parties.registry.sent)


def test_the_reason_of_a_row_that_is_not_listed_stands_beside_it(tmp_path: Path, compare: Any) -> None:
    rows = [
        debt("new"),
        debt("small", 本金="1.00"),
        debt("recent", 到期日=(TODAY - dt.timedelta(days=20)).isoformat(), 通知日=TODAY.isoformat()),
        debt("dispute", 类别="争议"),
        debt("child", 证件号码=CHILD),
        debt("word", 业务="卫星"),
        debt("1.38001E+12"),
    ]
    assert compare(rows).only_ours == 7
    found = lines(tmp_path, ONLY_OURS)
    assert [(each["account"], each["verdict"], each["code"]) for each in found] == [
        ("new", "", ""),
        ("small", "REJ_BELOW_MINIMUM", "REJ_BELOW_MINIMUM"),
        ("recent", "REJ_TOO_RECENT", "REJ_TOO_RECENT"),
        ("dispute", "REJ_OPEN_DISPUTE", "REJ_OPEN_DISPUTE"),
        ("child", "REJ_MINOR", "MINOR"),
        ("word", "REJ_MALFORMED_ROW", "UNKNOWN_LABEL"),
        ("1.38001E+12", "REJ_ACCOUNT_UNREADABLE", "EXPONENT"),
    ]
    assert (found[5]["column"], found[5]["word"]) == ("业务", "卫星")
    assert all(each["cause"] and each["cause_zh"] for each in found[1:])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"本金": "130.5"}, ("principal", "130.50", "120.00")),
        ({"业务": "宽带"}, ("service_class", "BROADBAND", "MOBILE")),
        ({"类别": "争议"}, ("category", "OPEN_DISPUTE", "MALICIOUS")),
        ({"到期日": "2026-05-01"}, ("due_date", "2026-05-01", debt()["到期日"])),
        ({"通知日": "2026-08-01"}, ("notice_date", "2026-08-01", debt()["通知日"])),
        ({"通知日": "", "渠道": ""}, ("notice_date", "", debt()["通知日"])),
        ({"证件号码": resident(2)}, ("person", "", "")),
        ({"通知日": "soon"}, ("row", "REJ_INVALID_DATE notice_date:NOT_A_DATE", "")),
    ],
)
def test_each_fact_that_differs_is_named_with_both_its_values(
    tmp_path: Path, reported: Any, compare: Any, change: dict[str, str], expected: tuple[str, str, str]
) -> None:
    reported([debt("A1"), debt("A2", 证件号码=resident(3))])
    done = compare([debt("A2", 证件号码=resident(3)), debt("A1", **change)])
    assert (done.agreeing, done.differing) == (1, 1)
    (found,) = lines(tmp_path, DIFFERING)
    assert (found["row"], found["account"], found["state"]) == ("2", "A1", "ACTIVE")
    assert (found["fact"], found["ours"], found["theirs"], found["paid"]) == (*expected, "0.00")


def test_costs_are_compared_too(gateway: Gateway, tmp_path: Path, mappings: Path, reported: Any) -> None:
    reported([debt("A1")])
    mapping = mappings / "costs.toml"
    told = (mappings / "arrears.toml").read_text(encoding="utf-8").replace("dealer =", "costs =")
    mapping.write_text(told, encoding="utf-8")
    source = write(tmp_path / "next.csv", [debt("A1", 代理商="15.5")])
    reconcile(gateway, source, mapping, tmp_path / "lists")
    (found,) = lines(tmp_path, DIFFERING)
    assert (found["fact"], found["ours"], found["theirs"]) == ("costs", "15.50", "0.00")


def test_a_part_payment_is_shown(gateway: Gateway, tmp_path: Path, reported: Any, compare: Any) -> None:
    reported([debt("OWED")])
    gateway.settle(payment(kind=SettlementKind.PARTIAL, amount_fen=50_00))
    compare([debt("OWED", 本金="70")])
    (found,) = lines(tmp_path, DIFFERING)
    assert (found["ours"], found["theirs"], found["paid"]) == ("70.00", "120.00", "50.00")


def test_a_closed_record_is_listed_with_its_state_and_one_that_opened_again_is_not(
    gateway: Gateway, world: World, tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported([debt("OWED"), debt("AGAIN", 证件号码=resident(2))])
    gateway.settle(payment("OWED"))
    gateway.settle(payment("AGAIN", resident(2)))
    world.clock.forward(days=200)
    due, noticed = TODAY + dt.timedelta(days=30), TODAY + dt.timedelta(days=90)
    later = debt("AGAIN", 证件号码=resident(2), 到期日=due.isoformat(), 通知日=noticed.isoformat())
    reported([later])
    done = compare([debt("OWED"), later])
    assert (done.agreeing, done.closed_there) == (1, 1)
    (found,) = lines(tmp_path, CLOSED_THERE)
    assert (found["account"], found["state"], found["since"][:10]) == ("OWED", "CLEARED", TODAY.isoformat())


def test_a_sealed_record_is_only_ours(
    gateway: Gateway, world: World, tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported([debt("OWED")])
    gateway.settle(payment("OWED"))
    world.clock.forward(days=201)
    seal_records(world.registry)
    done = compare([debt("OWED")])
    assert (done.only_ours, done.closed_there) == (1, 0)


def test_a_record_under_the_former_reference_is_that_of_the_account(
    gateway: Gateway, world: World, tmp_path: Path, compare: Any
) -> None:
    former = gateway.tools.accounts.read("'A77").former_reference
    assert former is not None
    lists_record(world, "carrier-a", a_report("wang", account_ref=former))
    assert compare([debt("'A77")]).differing == 1
    assert lines(tmp_path, ONLY_THEIRS) == []


def test_an_account_that_is_named_twice_counts_once_and_its_other_figures_are_only_ours(
    tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported([debt("A1")])
    done = compare([debt("A1"), debt(" A1 "), debt("A1", 本金="999"), debt("A1", 通知日="soon")])
    assert (done.rows, done.agreeing, done.differing, done.only_ours) == (4, 1, 0, 2)
    assert [(each["row"], each["verdict"]) for each in lines(tmp_path, ONLY_OURS)] == [
        ("3", "REJ_ACCOUNT_REPEATED"),
        ("4", "REJ_ACCOUNT_REPEATED"),
    ]


def test_a_cell_that_a_spreadsheet_would_run_is_made_safe(tmp_path: Path, compare: Any) -> None:
    compare([debt("=1+1")])
    assert accounts(tmp_path, ONLY_OURS) == ["'=1+1"]


def test_a_damaged_file_is_refused_as_by_a_report_and_leaves_no_list(
    tmp_path: Path, parties: Parties, compare: Any
) -> None:
    damaged = [debt(f"A{n}", 证件号码=resident(1)[:15] + "000") for n in range(60)]
    for n, row in enumerate(damaged):
        row["证件号码"] = f"11010519800{100 + n}1000"[:15] + "000"
    with pytest.raises(FileSuspicious) as refused:
        compare(damaged)
    assert refused.value.code == NUMBERS_DAMAGED
    assert list((tmp_path / "lists").iterdir()) == []
    assert not any(b"/v1/records" in each for each in parties.registry.sent)
    assert compare(damaged, consent=Consent(accept_numbers=True)).only_ours == 60


def test_an_export_without_a_row_is_refused(parties: Parties, tmp_path: Path, compare: Any) -> None:
    with pytest.raises(FileSuspicious) as refused:
        compare([])
    assert refused.value.code == NO_ROWS
    assert parties.everything_sent() == b""


def test_a_broken_file_is_refused_and_earlier_lists_stay(
    gateway: Gateway, tmp_path: Path, mappings: Path, compare: Any
) -> None:
    compare([debt("A1")])
    source = write(tmp_path / "cut.csv", debts(3))
    source.write_bytes(source.read_bytes()[:-20])
    with pytest.raises(FileBroken):
        reconcile(gateway, source, mappings / "arrears.toml", tmp_path / "lists")
    assert accounts(tmp_path, ONLY_OURS) == ["A1"]


def test_records_of_other_carriers_and_further_pages_make_no_difference(
    gateway: Gateway, world: World, tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported(debts(1_001))
    lists_record(world, "carrier-b", a_report("wang"))
    before = counts(world)
    done = compare(debts(1_000))
    assert (done.open_records, done.agreeing, done.only_theirs) == (1_001, 1_000, 1)
    (found,) = lines(tmp_path, ONLY_THEIRS)
    assert (found["state"], found["principal"], found["category"]) == ("ACTIVE", "120.00", "MALICIOUS")
    assert found["record_id"] in {str(each.record_id) for each in own_records(gateway.registry)}
    assert counts(world) == before


def test_a_registry_that_is_restored_meanwhile_ends_the_comparison(
    world: World, tmp_path: Path, reported: Any, compare: Any
) -> None:
    reported([debt("A1")])
    saved = backup(tmp_path)

    def restored(done: int, _total: int) -> None:
        if done:
            restore(world, tmp_path, saved)

    with pytest.raises(IncarnationChanged):
        compare([debt("A1")], on_progress=restored)
    assert list((tmp_path / "lists").iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next_one(tmp_path: Path, compare: Any) -> None:
    left = tmp_path / ".lists.book"
    left.mkdir()
    (left / "accounts.db").write_bytes(b"half a book")
    compare([debt("A1")])
    assert accounts(tmp_path, ONLY_OURS) == ["A1"]
    assert not left.exists()
    assert sorted(each.name for each in (tmp_path / "lists").iterdir()) == sorted(
        (ONLY_OURS, ONLY_THEIRS, DIFFERING, CLOSED_THERE)
    )
    assert {each.stat().st_mode & 0o777 for each in (tmp_path / "lists").iterdir()} == {0o600}
