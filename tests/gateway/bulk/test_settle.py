"""A file of payments settles debts row by row, can be killed at any moment, and settles nothing twice."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from auditlog.receipt_book import Noted
from client.errors import RegistryRefused, RegistryUnreachable
from client.resources.records import own_records
from client.resources.settlements import page
from gateway.bulk.file_guards import NUMBERS_DAMAGED, PAYMENTS_OLD, Consent
from gateway.bulk.payment_rows import refused
from gateway.bulk.settle import SettleSummary, settle_file
from gateway.errors import FileBroken, FileSuspicious, OutputOfAnotherInput
from gateway.gateway import Gateway
from protocol.messages.settlements import SettlementsQuery
from tests.support.builders import TODAY, a_report
from tests.support.bulk import report, settle_payments
from tests.support.exports import debt, resident, results
from tests.support.parties import Parties
from tests.support.restores import backup, restore
from tests.support.stories import lists as lists_record
from tests.support.world import World

NOON = f"{TODAY.isoformat()} 12:00"
COLUMNS = (
    "account",
    "record_id",
    "document_kind",
    "document_number",
    "kind",
    "amount_yuan",
    "settled_at",
    "waive_rest",
    "payment",
)
OWED = ("A1", "A2", "A3")


@dataclass
class LosesAnswers(httpx.BaseTransport):
    """A line on which the answers to settlements are lost, after so many of them."""

    inner: httpx.BaseTransport
    after: int

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        if "settlements" in request.url.path:
            self.after -= 1
            if self.after < 0:
                answer.read()
                raise httpx.ReadError("lost on the way back")
        return answer


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path, mappings: Path) -> dict[str, str]:
    """Three residents who owe 120.00 yuan each to carrier-a; their records by account."""
    rows = [debt(account, 证件号码=resident(number)) for number, account in enumerate(OWED, start=1)]
    report(gateway, tmp_path, mappings, rows)
    return {row[0]: row[2] for row in results(tmp_path / "results.csv")[1:]}


@pytest.fixture
def run(gateway: Gateway, tmp_path: Path) -> Any:
    def settle(rows: list[dict[str, str]], name: str = "payments", **options: Any) -> SettleSummary:
        source = payments(tmp_path / f"{name}.csv", *rows)
        return settle_payments(gateway, source, tmp_path / f"{name}-settled.csv", **options)

    return settle


def payments(path: Path, *rows: dict[str, str], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, (*COLUMNS, "备注"), restval="")
        writer.writeheader()
        writer.writerows({"备注": "营业厅"} | row for row in rows)
    return path


def paid(account: str, **changes: str) -> dict[str, str]:
    """The whole debt of an account, late fee included, by the debtor's document."""
    number = resident(OWED.index(account) + 1) if account in OWED else resident(1)
    document = {"document_kind": "RESIDENT_ID", "document_number": number}
    return {"account": account, "kind": "FULL", "amount_yuan": "240", "settled_at": NOON} | document | changes


def by_record(account: str, record_id: str, **changes: str) -> dict[str, str]:
    return paid(account, record_id=record_id, document_kind="", document_number="") | changes


def lines(tmp_path: Path, name: str = "payments") -> list[dict[str, str]]:
    with (tmp_path / f"{name}-settled.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdicts(tmp_path: Path, name: str = "payments") -> list[tuple[str, str]]:
    return [(each["account"], each["verdict"]) for each in lines(tmp_path, name)]


def settled(gateway: Gateway) -> int:
    return len(page(gateway.registry, SettlementsQuery()).settlements)


def test_each_payment_gets_its_outcome_and_a_row_without_one_is_left_out(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    done = run(
        [
            paid("A1"),
            {"account": "A2"},
            paid("A2", kind="PARTIAL", amount_yuan="50.5"),
            by_record("A3", listed["A3"], amount_yuan="1", waive_rest="YES"),
        ]
    )
    found = lines(tmp_path)
    assert [(each["row"], each["verdict"], each["state"]) for each in found] == [
        ("1", "SETTLED", "CLEARED"),
        ("3", "SETTLED", "ACTIVE"),
        ("4", "SETTLED", "CLEARED"),
    ]
    assert [each["record_id"] for each in found] == [listed[account] for account in OWED]
    assert [bool(each["clearance_id"]) for each in found] == [True, False, True]
    assert int(found[1]["outstanding_fen"]) > 0
    assert int(found[2]["waived_fen"]) > 100_00
    assert all(each["cause"] and each["cause_zh"] for each in found)
    assert (done.rows, done.left_out, done.verdicts, done.all_refused) == (3, 1, {"SETTLED": 3}, False)
    assert settled(gateway) == 3


def test_the_verdicts_of_a_report_with_payments_filled_in_ask_nobody_for_a_token(
    gateway: Gateway, parties: Parties, listed: dict[str, str], tmp_path: Path
) -> None:
    del listed
    header, *rows = results(tmp_path / "results.csv")
    asked = [parties.custodian(index).requests for index in (1, 2, 3)]
    marked = tmp_path / "marked.csv"
    with marked.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*header, "kind", "settled_at", "amount_fen"))
        writer.writerows((*row, *(("FULL", NOON, "24000") if row[0] == "A2" else ("", "", ""))) for row in rows)
    done = settle_payments(gateway, marked, tmp_path / "payments-settled.csv")
    assert (done.verdicts, done.left_out) == ({"SETTLED": 1}, 2)
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == asked


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"account": "1.38001E+12"}, ("REJ_ACCOUNT_UNREADABLE", "account:EXPONENT")),
        ({"document_number": resident(1)[:-1] + "A"}, ("REJ_INVALID_DOCUMENT", "document_number:MALFORMED")),
        ({"document_kind": "身份证"}, ("REJ_INVALID_DOCUMENT", "document_kind:NOT_IN_VOCABULARY")),
        ({"document_number": "", "document_kind": ""}, ("REJ_MALFORMED_ROW", "record_id:REQUIRED")),
        ({"document_number": ""}, ("REJ_INVALID_DOCUMENT", "document_number:REQUIRED")),
        ({"record_id": "17"}, ("REJ_MALFORMED_ROW", "record_id:NOT_AN_ID")),
        ({"kind": "COLLECTED"}, ("REJ_MALFORMED_ROW", "kind:NOT_IN_VOCABULARY")),
        ({"amount_yuan": "1.234"}, ("REJ_INVALID_AMOUNT", "amount_yuan:NOT_AN_AMOUNT")),
        ({"amount_yuan": "-5"}, ("REJ_INVALID_AMOUNT", "amount_yuan:NOT_AN_AMOUNT")),
        ({"amount_yuan": "0"}, ("REJ_INVALID_AMOUNT", "amount_yuan:NOTHING_PAID_IS_A_WAIVER")),
        ({"amount_yuan": ""}, ("REJ_INVALID_AMOUNT", "amount_yuan:REQUIRED")),
        ({"settled_at": ""}, ("REJ_INVALID_DATE", "settled_at:REQUIRED")),
        ({"settled_at": "gestern"}, ("REJ_INVALID_DATE", "settled_at:NOT_A_TIME")),
        ({"settled_at": "2026-11-31"}, ("REJ_INVALID_DATE", "settled_at:NOT_A_TIME")),
        ({"settled_at": (TODAY + dt.timedelta(days=2)).isoformat()}, ("REJ_INVALID_DATE", "settled_at:in-the-future")),
        ({"waive_rest": "maybe"}, ("REJ_MALFORMED_ROW", "waive_rest:NOT_IN_VOCABULARY")),
        ({"waive_rest": "YES", "kind": "PARTIAL"}, ("REJ_MALFORMED_ROW", "waive_rest:ONLY_WITH_FULL")),
        ({"payment": "9" * 65}, ("REJ_MALFORMED_ROW", "payment:TOO_LONG")),
        ({"account": "A9"}, ("REJ_NO_RECORD", "account:not-found")),
        ({"amount_yuan": "1.00"}, ("REJ_NOT_IN_FULL", ":not-in-full")),
    ],
)
def test_a_row_that_settles_nothing_names_its_fault_and_stops_nothing(
    listed: dict[str, str], tmp_path: Path, run: Any, change: dict[str, str], expected: tuple[str, str]
) -> None:
    del listed
    run([paid("A1") | change, paid("A2")])
    first, second = lines(tmp_path)
    assert (first["verdict"], f"{first['field']}:{first['code']}", second["verdict"]) == (*expected, "SETTLED")


def test_what_a_payment_in_full_is_short_of_is_said(listed: dict[str, str], tmp_path: Path, run: Any) -> None:
    del listed
    done = run([paid("A1", amount_yuan="100")])
    assert int(lines(tmp_path)[0]["missing_fen"]) == 92_00
    assert done.all_refused


def test_a_closed_record_is_told_from_one_that_is_not_there(listed: dict[str, str], tmp_path: Path, run: Any) -> None:
    run([paid("A1"), paid("A1", payment="second"), by_record("A1", listed["A2"], payment="third")])
    assert [each for _, each in verdicts(tmp_path)] == ["SETTLED", "REJ_CLOSED", "REJ_NO_RECORD"]


def test_the_record_of_a_refused_row_of_a_report_is_not_taken_for_the_persons(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "payments.csv"
    source.write_text(
        "account,verdict,record_id,kind,amount_yuan,settled_at\n"
        f"A1,REJ_ACCOUNT_IN_USE,{listed['A1']},FULL,240,{NOON}\nA2,DUPLICATE,{listed['A2']},FULL,240,{NOON}\n",
        encoding="utf-8",
    )
    settle_payments(gateway, source, tmp_path / "payments-settled.csv")
    assert verdicts(tmp_path) == [("A1", "REJ_MALFORMED_ROW"), ("A2", "SETTLED")]


def test_a_waiver_needs_no_amount_and_a_date_alone_is_enough(listed: dict[str, str], tmp_path: Path, run: Any) -> None:
    del listed
    run([paid("A1", kind="WAIVER", amount_yuan=""), paid("A2", settled_at=TODAY.strftime("%Y/%m/%d"))])
    assert [each["state"] for each in lines(tmp_path)] == ["CLEARED", "CLEARED"]


def test_payments_of_one_account_are_settled_in_the_order_of_the_file(
    listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    parts = [paid("A1", kind="PARTIAL", amount_yuan=f"{number}.00") for number in range(1, 20)]
    run([*parts, paid("A1"), paid("A1", amount_yuan="241")])
    assert [each for _, each in verdicts(tmp_path)] == ["SETTLED"] * 20 + ["REJ_CLOSED"]


def test_the_same_payment_in_another_file_settles_nothing_twice(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    part = {"kind": "PARTIAL", "amount_yuan": "20.00"}
    run([paid("A1", **part), paid("A2", **part)])
    first = lines(tmp_path)
    utc = dt.datetime.fromisoformat(f"{NOON}+08:00").astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    again = paid(" A1 ", **part, document_kind="RESIDENT_ID", document_number=resident(1))
    other = by_record("A2", listed["A2"], **part)
    run([again | {"amount_yuan": "20", "settled_at": utc}, other], name="again")
    repeated = lines(tmp_path, "again")
    assert (repeated[0]["verdict"], repeated[0]["settlement_id"]) == ("SETTLED", first[0]["settlement_id"])
    assert (repeated[1]["verdict"], repeated[1]["settlement_id"]) == ("ALREADY_SETTLED", "")
    assert settled(gateway) == 2


def test_two_equal_payments_of_one_day_are_two_only_by_their_numbers(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    part = {"kind": "PARTIAL", "amount_yuan": "20.00"}
    mend = tmp_path / "mend.csv"
    done = run([paid("A1", **part), paid("A1", **part), paid("A2", **part)], only_rejected=mend)
    assert [each for _, each in verdicts(tmp_path)] == ["SETTLED", "REJ_PAYMENT_REPEATED", "SETTLED"]
    assert done.verdicts == {"REJ_PAYMENT_REPEATED": 1, "SETTLED": 2}
    with mend.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    run([{name: row[name] for name in COLUMNS} | {"payment": "P-2"}], name="mended")
    assert verdicts(tmp_path, "mended") == [("A1", "SETTLED")]
    assert settled(gateway) == 3


def test_the_refused_rows_are_copied_as_they_stand_also_after_the_end(
    listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    rows = [paid("A1"), paid("A9"), {"account": "A2"}, paid("A3", kind="full")]
    run(rows)
    run(rows, only_rejected=tmp_path / "mend.csv")
    source, mend = ((tmp_path / name).read_text().splitlines() for name in ("payments.csv", "mend.csv"))
    assert mend == [source[0], source[2], source[4]]


@pytest.mark.parametrize("lost", range(4))
def test_an_answer_that_was_lost_is_given_again(
    gateway: Gateway, parties: Parties, listed: dict[str, str], run: Any, lost: int
) -> None:
    rows = [paid("A1", kind="PARTIAL", amount_yuan=f"{n}.00") for n in (1, 2)] + [
        by_record("A2", listed["A2"]),
        paid("A3"),
    ]
    whole = parties.registry.inner
    parties.registry.inner = LosesAnswers(whole, after=lost)
    with pytest.raises(RegistryUnreachable):
        run(rows)
    parties.registry.inner = whole
    assert run(rows).verdicts == {"SETTLED": 4}
    assert settled(gateway) == 4


def test_a_killed_run_goes_on_behind_its_last_chunk(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    rows = [paid("A1", kind="PARTIAL", amount_yuan=f"0.{n:02d}") for n in range(1, 100)] + [paid("A2"), paid("A3")]

    def kill(done: int, _total: int) -> None:
        if done == 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(rows, on_progress=kill)
    done = run(rows)
    assert (done.resumed_from_row, done.rows, done.verdicts) == (100, 101, {"SETTLED": 101})
    with pytest.raises(OutputOfAnotherInput):
        run([paid("A2")])


def test_a_restored_registry_is_told_again(
    gateway: Gateway, world: World, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    saved = backup(tmp_path)
    run([paid("A1")])
    restore(world, tmp_path, saved)
    assert settled(gateway) == 0
    again = run([paid("A1")])
    assert (again.sent_again, again.verdicts, settled(gateway)) == (True, {"SETTLED": 1}, 1)


def test_a_record_under_the_former_reference_is_settled_once(
    gateway: Gateway, world: World, tmp_path: Path, run: Any
) -> None:
    account = gateway.tools.accounts.read("'A77")
    assert account.former_reference is not None
    record_id = str(lists_record(world, "carrier-a", a_report("wang", account_ref=account.former_reference)).record_id)
    part = by_record("'A77", record_id, kind="PARTIAL", amount_yuan="20")
    run([part])
    run([part], name="again")
    assert lines(tmp_path, "again")[0]["settlement_id"] == lines(tmp_path)[0]["settlement_id"]
    assert settled(gateway) == 1


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("account,kind,record_id,amount_yuan", "missing column 'settled_at'"),
        ("kind,settled_at,record_id,amount_yuan", "missing column 'account'"),
        ("account,kind,settled_at,record_id", "missing column amount_yuan, or amount_fen"),
        ("account,kind,settled_at,record_id,amount_yuan,amount_fen", "both there"),
        ("account,kind,settled_at,amount_yuan,document_kind", "missing column record_id, or document_kind"),
    ],
)
def test_a_file_without_its_columns_is_refused_whole(
    gateway: Gateway, parties: Parties, tmp_path: Path, header: str, complaint: str
) -> None:
    (tmp_path / "payments.csv").write_text(f"{header}\n")
    with pytest.raises(FileBroken, match=complaint):
        settle_payments(gateway, tmp_path / "payments.csv", tmp_path / "payments-settled.csv")
    assert parties.everything_sent() == b""


def test_a_damaged_file_and_one_of_long_ago_are_stopped_before_the_first_payment(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    damaged = [paid(f"A{n}", document_number=f"11010519800{n}100"[:15] + "000") for n in range(100, 160)]
    with pytest.raises(FileSuspicious) as refused:
        run(damaged)
    assert refused.value.code == NUMBERS_DAMAGED
    old = (TODAY - dt.timedelta(days=40)).isoformat()
    with pytest.raises(FileSuspicious) as refused:
        run([paid("A1", settled_at=old), paid("A2")])
    assert refused.value.code == PAYMENTS_OLD
    assert settled(gateway) == 0
    assert not (tmp_path / "payments-settled.csv.progress").exists()
    assert run([paid("A1", settled_at=old), paid("A2")], consent=Consent(accept_old=True)).rows == 2


def test_a_refusal_that_is_not_about_the_row_is_no_outcome_of_it() -> None:
    """A registry of before knows no `record_id`; a key that was revoked settles nothing in any row."""
    assert refused(RegistryRefused("invalid-field", 422, (("record_id", "unknown-field"),))) is None
    assert refused(RegistryRefused("key-unknown", 401)) is None


def test_a_registry_that_does_not_answer_ends_the_run(
    parties: Parties, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    del listed
    parties.registry.dead = True
    with pytest.raises(RegistryUnreachable):
        run([paid("A1")])
    assert not (tmp_path / "payments-settled.csv").exists()


def test_receipts_are_noted_and_an_invalid_one_is_counted(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path
) -> None:
    del listed
    told = iter([Noted(path=tmp_path / "a.tlog-proof"), Noted(), Noted(refused="leaf-differs")])
    source = payments(tmp_path / "payments.csv", paid("A1"), paid("A1", payment="2"), paid("A2"), paid("A3"))
    done = settle_file(
        gateway.tools,
        gateway.settler,
        source=source,
        output=tmp_path / "payments-settled.csv",
        today=gateway.today(),
        note=lambda _: next(told),
    )
    assert sorted(each["receipt"] for each in lines(tmp_path)) == ["", "PENDING", "a.tlog-proof", "leaf-differs"]
    assert done.bad_receipts == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_spreadsheet_may_save_it_as_it_does(
    gateway: Gateway, listed: dict[str, str], tmp_path: Path, encoding: str
) -> None:
    del listed
    source = payments(tmp_path / "payments.csv", paid("A1"), encoding=encoding)
    settle_payments(gateway, source, tmp_path / "payments-settled.csv")
    assert verdicts(tmp_path) == [("A1", "SETTLED")]


def test_no_number_leaves_and_records_are_found_by_reference_alone(
    gateway: Gateway, parties: Parties, listed: dict[str, str], tmp_path: Path, run: Any
) -> None:
    assert {str(each.record_id) for each in own_records(gateway.registry)} == set(listed.values())
    run([paid("A1", payment="PAYMENT-77"), by_record("A2", listed["A2"])])
    sent = parties.everything_sent()
    assert not any(each.encode() in sent for each in (resident(1), "PAYMENT-77", "A000", "营业厅"))
