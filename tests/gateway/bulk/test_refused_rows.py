"""A refused row is told to the registry without a token, where the carrier has an open record on its account."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from client.errors import RegistryUnreachable
from client.resources.records import own_records
from gateway.bulk.file_guards import Consent
from gateway.bulk.run_plan import RunPlan, read_plan, write_plan
from gateway.bulk.withdraw import withdraw_records
from gateway.errors import FileSuspicious, OutputOfAnotherInput
from gateway.gateway import Gateway
from protocol.codes import WithdrawalReason
from protocol.encodings import b64url_encode
from tests.support.account_exports import report
from tests.support.builders import TODAY
from tests.support.exports import debt, debts, resident, results, write
from tests.support.parties import Parties

CHILD = resident(5, born=TODAY - dt.timedelta(days=365 * 12))
DUE = debt()["到期日"]


@pytest.fixture
def sent(parties: Parties) -> Callable[[], list[dict[str, Any]]]:
    """The lines of all batches that the registry got, as JSON."""

    def lines() -> list[dict[str, Any]]:
        batches = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
        return [json.loads(line) for each in batches for line in each.split(b"\n")[1:] if line]

    return lines


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path, mappings: Path, parties: Parties) -> None:
    """Open records on the accounts A000000 to A000009."""
    report(gateway, tmp_path, mappings, debts(10), name="listed.csv")
    parties.registry.sent.clear()


@pytest.fixture
def told_by(
    gateway: Gateway, listed: None, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> Callable[[list[dict[str, str]]], list[dict[str, Any]]]:
    """Reports some rows beside the open records; what of them the registry got."""
    del listed

    def told(rows: list[dict[str, str]]) -> list[dict[str, Any]]:
        report(gateway, tmp_path, mappings, rows)
        return sent()

    return told


def reference(gateway: Gateway, account: str) -> str:
    return b64url_encode(gateway.tools.accounts.read(account).reference)


def account(number: int) -> str:
    return f"A{number:06d}"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"证件号码": "110105194912310021"}, ("REJ_INVALID_DOCUMENT", False, DUE)),
        ({"本金": "-35.00"}, ("REJ_INVALID_AMOUNT", False, DUE)),
        ({"本金": "0.00"}, ("REJ_INVALID_AMOUNT", True, DUE)),
        ({"到期日": "2025-02-30"}, ("REJ_INVALID_DATE", False, None)),
        ({"通知日": "2025-02-30"}, ("REJ_INVALID_DATE", False, DUE)),
        ({"业务": "卫星"}, ("REJ_MALFORMED_ROW", False, DUE)),
        ({"类别": "不知道"}, ("REJ_MALFORMED_ROW", False, DUE)),
        ({"证件号码": CHILD}, ("REJ_MINOR", True, DUE)),
        ({"证件号码": CHILD, "本金": "5.00"}, ("REJ_MINOR", True, DUE)),
        ({"证件号码": CHILD, "到期日": "x"}, ("REJ_INVALID_DATE", False, None)),
        ({"证件号码": "x", "类别": "争议"}, ("REJ_OPEN_DISPUTE", True, DUE)),
        ({"证件号码": CHILD, "类别": "争议"}, ("REJ_OPEN_DISPUTE", True, DUE)),
        ({"证件号码": CHILD, "类别": "争议", "本金": "0"}, ("REJ_INVALID_AMOUNT", True, DUE)),
        ({"业务": "卫星", "本金": "0"}, ("REJ_INVALID_AMOUNT", True, DUE)),
        ({"本金": "100000000.01"}, ("REJ_INVALID_AMOUNT", False, DUE)),
    ],
)
def test_a_refused_row_on_an_open_account_is_told_with_its_code_and_nothing_of_a_person(
    gateway: Gateway,
    told_by: Callable[[list[dict[str, str]]], list[dict[str, Any]]],
    changes: dict[str, str],
    said: tuple[Any, ...],
) -> None:
    code, withdraws, due_date = said
    expected = {"row_id": "1", "account_ref": reference(gateway, account(3)), "code": code, "withdraws": withdraws}
    assert told_by([debt(account(3), **changes)]) == [
        expected if due_date is None else expected | {"due_date": due_date}
    ]


def test_the_same_rows_on_accounts_without_an_open_record_are_told_to_nobody(
    gateway: Gateway, listed: None, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    del listed
    rows = [debt("B1", 本金="0"), debt("B2", 证件号码=CHILD), debt("B3", 证件号码="x"), debt("1E+12", 本金="0")]
    told = report(gateway, tmp_path, mappings, rows)
    assert sent() == []
    assert [row[1] for row in told] == [
        "REJ_INVALID_AMOUNT", "REJ_MINOR", "REJ_INVALID_DOCUMENT", "REJ_ACCOUNT_UNREADABLE",
    ]  # fmt: skip
    assert [row[6] for row in told] == [
        "principal:ZERO", "document_number:MINOR", "document_number:MALFORMED", "account:EXPONENT",
    ]  # fmt: skip


def test_what_the_registry_says_to_a_refused_row_is_its_verdict(
    gateway: Gateway, listed: None, tmp_path: Path, mappings: Path
) -> None:
    del listed
    rows = [
        debt(account(1), 本金="0"),
        debt(account(2), 证件号码=CHILD),
        debt(account(3), 证件号码="x", 类别="争议"),
        debt(account(4), 证件号码="x"),
        debt(account(5), 本金="0", 到期日=(TODAY + dt.timedelta(days=1)).isoformat()),
        debt("B1", 本金="0"),
    ]
    told = report(gateway, tmp_path, mappings, rows)
    assert [(row[1], row[3], row[4]) for row in told] == [
        ("WITHDRAWN", "REJ_INVALID_AMOUNT", ""),
        ("WITHDRAWN", "REJ_MINOR", ""),
        ("WITHDRAWN", "REJ_OPEN_DISPUTE", ""),
        ("REJ_INVALID_DOCUMENT", "", "STILL_BLOCKS"),
        ("REJ_ACCOUNT_IN_USE", "", "STILL_BLOCKS"),
        ("REJ_INVALID_AMOUNT", "", ""),
    ]
    named = dict(zip((row[0] for row in told), (row[2] for row in told), strict=True))
    listed_ids = {row[0]: row[2] for row in results(tmp_path / "listed.csv")[1:]}
    assert named == {each: listed_ids.get(each, "") for each in named}
    assert {str(each.record_id) for each in own_records(gateway.registry)}.isdisjoint(row[2] for row in told[:3])


def test_a_refused_row_stands_in_its_place_between_the_others(
    gateway: Gateway, listed: None, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    del listed
    rows = [debts(1)[0], debt(account(1), 本金="0"), debt("C1", 证件号码=resident(800)), debt(account(2), 证件号码="x")]
    report(gateway, tmp_path, mappings, rows)
    assert [(line["row_id"], "tokens" in line) for line in sent()] == [
        ("1", True), ("2", False), ("3", True), ("4", False),
    ]  # fmt: skip


def test_a_category_that_is_not_listable_goes_with_its_tokens_where_the_person_is_known(
    told_by: Callable[[list[dict[str, str]]], list[dict[str, Any]]],
) -> None:
    [line] = told_by([debt(account(1), 类别="争议")])
    assert ("tokens" in line, line["category"]) == (True, "OPEN_DISPUTE")


def test_an_account_that_was_written_otherwise_is_told_with_its_former_reference(
    gateway: Gateway, told_by: Callable[[list[dict[str, str]]], list[dict[str, Any]]]
) -> None:
    [line] = told_by([debt(f"'{account(4)}", 本金="0")])
    assert line["account_ref"] == reference(gateway, account(4))
    assert line["former_account_ref"] != line["account_ref"]


def test_an_account_twice_with_other_figures_is_reported_once(
    gateway: Gateway, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    rows = [debt("M1", 本金="120.00"), debt("'M1", 本金="130.00"), debt("M2"), debt("M1", 本金="140.00")]
    told = report(gateway, tmp_path, mappings, rows)
    assert [row[1] for row in told] == ["ACTIVE", "REJ_ACCOUNT_REPEATED", "ACTIVE", "REJ_ACCOUNT_REPEATED"]
    assert [line["row_id"] for line in sent()] == ["1", "3"]


@pytest.mark.parametrize(
    "changes",
    [
        {"到期日": "2026-04-01"},
        {"证件号码": resident(7)},
        {"类别": "争议"},
        {"本金": "x"},
        {"证件号码": "x"},
        {"户号": "4201060011665"},
    ],
)
def test_whatever_a_second_row_says_otherwise_of_the_account_it_is_not_guessed(
    gateway: Gateway, tmp_path: Path, mappings: Path, changes: dict[str, str]
) -> None:
    assert [row[1] for row in report(gateway, tmp_path, mappings, [debt("M1"), debt("M1", **changes)])] == [
        "ACTIVE",
        "REJ_ACCOUNT_REPEATED",
    ]


def test_a_row_after_a_refused_one_of_the_same_account_is_not_guessed_either(
    gateway: Gateway, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    told = report(gateway, tmp_path, mappings, [debt("M1", 证件号码="x"), debt("M1")])
    assert [row[1] for row in told] == ["REJ_INVALID_DOCUMENT", "REJ_ACCOUNT_REPEATED"]
    assert sent() == []


def test_the_same_row_again_however_it_is_spelled_is_a_duplicate(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    rows = [debt("M1"), debt("M1", 本金="120"), debt("'M1", 证件号码=f" {resident(1)}")]
    assert [row[1] for row in report(gateway, tmp_path, mappings, rows)] == ["ACTIVE", "DUPLICATE", "DUPLICATE"]


def test_an_interrupted_run_tells_the_same_rows_under_the_same_name_again(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=2, attempts=1) as gateway:
        [first, *_] = report(gateway, tmp_path, mappings, debts(4), name="listed.csv")
        rows = [debt(account(0), 本金="0"), debt("N1"), debt("N2"), debt(account(1), 证件号码="x")]
        parties.registry.sent.clear()
        gateway.registry.rules()

        def cut(done: int, _total: int) -> None:
            parties.registry.after_next = [httpx.ReadError] if done == 0 else []

        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, rows, on_progress=cut)
        told = read_plan(tmp_path / "results.csv")
        assert (told.refused, told.repeated) == ((1, 4), ())
        # The record is closed by now, whoever closed it, and would not be told of again.
        withdraw_records(gateway.registry, [UUID(first[2])], WithdrawalReason.WRONG_AMOUNT, lambda *_: None)
        assert first[2] not in {str(each.record_id) for each in own_records(gateway.registry)}
        report(gateway, tmp_path, mappings, rows)
    batches = [each for each in parties.registry.sent if b"/v1/record-batches" in each]
    assert len(batches) == 3
    assert batches[0].split(b"\n")[1:] == batches[1].split(b"\n")[1:]
    assert read_plan(tmp_path / "results.csv") == told


def test_a_run_whose_plan_is_lost_does_not_go_on_as_another(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway(chunk_rows=2, attempts=1) as gateway:

        def cut(done: int, _total: int) -> None:
            parties.registry.dead = done == 2

        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, debts(4), on_progress=cut)
        parties.registry.dead = False
        (tmp_path / "results.csv.plan").unlink()
        with pytest.raises(OutputOfAnotherInput, match=r"results\.csv\.plan: is missing; --restart"):
            report(gateway, tmp_path, mappings, debts(4))
        (tmp_path / "results.csv.plan").write_text("{}")
        with pytest.raises(OutputOfAnotherInput, match="is no plan of a run"):
            report(gateway, tmp_path, mappings, debts(4))
        assert {row[1] for row in report(gateway, tmp_path, mappings, debts(4), restart=True)} == {"ACTIVE"}


def test_a_chunk_is_named_by_its_refused_rows_and_one_without_them_as_ever(tmp_path: Path) -> None:
    plan = RunPlan(run="r", chunk_rows=10, refused=(3, 10, 21), repeated=(4,))
    bare = RunPlan(run="r", chunk_rows=10)
    assert [plan.batch_key(each) == bare.batch_key(each) for each in range(4)] == [False, True, False, True]
    assert plan.batch_key(0) != RunPlan(run="r", chunk_rows=10, refused=(3,)).batch_key(0)
    write_plan(tmp_path / "out.csv", plan)
    assert read_plan(tmp_path / "out.csv") == plan
    assert (tmp_path / "out.csv.plan").stat().st_mode & 0o777 == 0o600


def test_rows_that_take_out_more_than_the_rules_let_pass_stop_the_file(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(30), name="listed.csv")
    parties.registry.sent.clear()
    rows = [debt(row["账户"], 本金="0") for row in debts(15)] + [each | {"类别": "争议"} for each in debts(6, first=15)]
    with pytest.raises(FileSuspicious) as stopped:
        report(gateway, tmp_path, mappings, rows)
    assert stopped.value.code == "takes-out-many"
    assert str(stopped.value).endswith(
        "takes-out-many: rows take out 21 of 30 open records, more than 20 at once; nothing was sent; "
        "say --take-out 21 if so"
    )
    assert not any(b"record-batches" in each for each in parties.registry.sent)
    assert list(tmp_path.glob("results*")) == [tmp_path / "results.csv-export.csv"]


def test_another_number_than_was_said_stops_the_file_and_tells_how_many(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(30), name="listed.csv")
    rows = [debt(row["账户"], 本金="0") for row in debts(21)]
    for said in (0, 20, 22):
        with pytest.raises(FileSuspicious, match=f"rows take out 21 open records, and not {said}; nothing was sent"):
            report(gateway, tmp_path, mappings, rows, consent=Consent(take_out=said))
    with pytest.raises(FileSuspicious, match="rows take out 0 open records, and not 1"):
        report(gateway, tmp_path, mappings, debts(3), consent=Consent(take_out=1))
    assert len(report(gateway, tmp_path, mappings, rows, consent=Consent(take_out=21))) == 21


def test_twenty_take_outs_are_the_day_of_a_small_carrier(
    gateway: Gateway, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    report(gateway, tmp_path, mappings, debts(30), name="listed.csv")
    report(gateway, tmp_path, mappings, [debt(row["账户"], 本金="0") for row in debts(20)])
    assert sum("withdraws" in line for line in sent()) == 20


def test_a_row_without_a_due_date_takes_nothing_out(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    report(gateway, tmp_path, mappings, debts(30), name="listed.csv")
    rows = [debt(row["账户"], 本金="0", 到期日="x") for row in debts(25)]
    assert len(report(gateway, tmp_path, mappings, rows)) == 25


def test_a_run_that_goes_on_is_not_asked_again_how_many_it_takes_out(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    with parties.gateway(chunk_rows=10, attempts=1) as gateway:
        report(gateway, tmp_path, mappings, debts(30), name="listed.csv")

        def cut(done: int, _total: int) -> None:
            parties.registry.dead = done == 10

        rows = [debt(row["账户"], 本金="0") for row in debts(21)]
        with pytest.raises(RegistryUnreachable):
            report(gateway, tmp_path, mappings, rows, consent=Consent(take_out=21), on_progress=cut)
        parties.registry.dead = False
        assert len(report(gateway, tmp_path, mappings, rows)) == 21


def test_household_keys_are_told_in_the_verdicts(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = [
        debt("H1", 户号="4201060011665", 地址="云南省昆明市五华区学府路287号19栋4单元1160室"),
        debt("H2", 证件号码=resident(2), 地址="我住在东北一个美丽的小山村"),
        debt("H3", 证件类型="信用代码", 证件号码="91350100M000100Y43", 户号="4201060011665"),
        debt("H4", 证件号码="x", 户号="4201060011665"),
    ]
    told = report(gateway, tmp_path, mappings, rows)
    assert [row[7:9] for row in told] == [
        ["GIVEN", "GIVEN"],
        ["NOT_GIVEN", "NOT_CANONICAL"],
        ["NOT_APPLICABLE", "NOT_APPLICABLE"],
        ["", ""],
    ]


def test_a_collective_register_is_told_and_reported_as_one(
    gateway: Gateway, sent: Callable[[], list[dict[str, Any]]], tmp_path: Path, mappings: Path
) -> None:
    mapping = mappings / "arrears.toml"
    text = mapping.read_text("utf-8").replace('dealer = "代理商"', 'household_collective = "代理商"')
    mapping.write_text(f'{text}[values.household_collective]\n"家庭" = "FAMILY"\n', "utf-8")
    rows = [debt("H1", 户号="4201060011665", 代理商="集体"), debt("H2", 户号="4201060011665", 代理商="家庭")]
    told = report(gateway, tmp_path, mappings, rows)
    assert [row[7] for row in told] == ["COLLECTIVE", "GIVEN"]
    assert [line.get("collective_household") for line in sent()] == [True, None]


def test_no_cell_of_a_verdict_file_is_run_by_a_spreadsheet(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    source = write(tmp_path / "export.csv", [debt("=cmd|calc"), debt("-12"), debt("\t@A1"), debt("＝1")])
    output = tmp_path / "results.csv"
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=output)
    assert [row[0] for row in results(output)[1:]] == ["'=cmd|calc", "'-12", "'\t@A1", "'＝1"]
