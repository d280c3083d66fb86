"""Accounts that the export no longer has are listed, and withdrawn only where their exact number is said."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from client.errors import RegistryUnreachable
from client.resources.records import own_records
from gateway.bulk.file_guards import Consent
from gateway.bulk.missing import missing_of
from gateway.bulk.report import Comparison, ReportSummary
from gateway.bulk.withdraw import withdraw_records
from gateway.counter.take_outs import confirm_take_outs
from gateway.errors import FileSuspicious, OutputOfAnotherInput, SameKeyConfirms
from gateway.gateway import Gateway
from protocol.codes import WithdrawalReason
from tests.support.bulk import nobody
from tests.support.exports import debt, debts, resident, write
from tests.support.parties import Parties
from tests.support.take_outs import confirms_take_outs
from tests.support.world import World


@pytest.fixture
def month(gateway: Gateway, tmp_path: Path, mappings: Path) -> Callable[..., Any]:
    def run(rows: list[dict[str, str]], name: str, since: str | None = None, missing: int | None = None) -> Any:
        return reported(gateway, tmp_path, rows, name, since=since, missing=missing)

    return run


def reported(
    gateway: Gateway,
    folder: Path,
    rows: list[dict[str, str]],
    name: str,
    *,
    since: str | None,
    missing: int | None = None,
) -> Comparison | None:
    summary: ReportSummary = gateway.report_file(
        source=write(folder / f"{name}-export.csv", rows),
        mapping=folder / "mappings" / "arrears.toml",
        output=folder / name,
        since=None if since is None else folder / since,
        consent=Consent(withdraw_missing=missing),
    )
    return summary.comparison


def listed(path: Path) -> list[tuple[str, str, str]]:
    """Account, last verdict and outcome of each missing account."""
    with missing_of(path).open(encoding="utf-8", newline="") as file:
        return [(row["account"], row["verdict"], row["outcome"]) for row in csv.DictReader(file)]


def withdrawals(parties: Parties) -> int:
    return sum(b"/v1/withdrawals" in each for each in parties.registry.sent)


def test_accounts_that_are_gone_are_listed_and_nothing_is_done_to_them(
    month: Any, parties: Parties, gateway: Gateway, tmp_path: Path
) -> None:
    month([*debts(4), debt("@A1", 证件号码=resident(700)), debt("BAD", 本金="x")], "first.csv")
    found = month(debts(2), "second.csv", "first.csv")
    assert (found.missing, found.withdrawn) == (3, {})
    assert listed(tmp_path / "second.csv") == [
        ("A000002", "ACTIVE", ""), ("A000003", "ACTIVE", ""), ("'@A1", "ACTIVE", ""),
    ]  # fmt: skip
    assert missing_of(tmp_path / "second.csv").stat().st_mode & 0o777 == 0o600
    assert withdrawals(parties) == 0
    assert len(list(own_records(gateway.registry))) == 5


def test_an_account_in_another_spelling_or_in_a_refused_row_is_not_missing(month: Any, tmp_path: Path) -> None:
    month(debts(4), "first.csv")
    rows = [debt("'A000000"), debt("A000001", 本金="x"), debt("A000002", 证件号码="1"), *debts(1, first=3)]
    assert month(rows, "second.csv", "first.csv").missing == 0
    assert listed(tmp_path / "second.csv") == []


def test_a_record_that_ended_since_is_not_missing(month: Any, gateway: Gateway, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    ended = next(iter(own_records(gateway.registry))).record_id
    withdraw_records(gateway.registry, [ended], WithdrawalReason.CREDITOR_DECISION, nobody)
    assert month([debt("NEW", 证件号码=resident(900))], "second.csv", "first.csv").missing == 2


def test_another_number_stops_the_report_before_anything_is_sent_and_says_how_many(
    month: Any, parties: Parties, tmp_path: Path
) -> None:
    month(debts(5), "first.csv")
    parties.registry.sent.clear()
    with pytest.raises(FileSuspicious, match="3 accounts with an open record are missing, and not 2") as stopped:
        month(debts(2), "second.csv", "first.csv", 2)
    assert stopped.value.code == "missing-another-number"
    assert not any(b"POST" in each or b"unchanged" in each for each in parties.registry.sent)
    assert not (tmp_path / "second.csv").exists()


def test_the_exact_number_withdraws_them_once_and_repeating_it_changes_nothing(
    month: Any, parties: Parties, gateway: Gateway, tmp_path: Path
) -> None:
    month(debts(5), "first.csv")
    assert month(debts(2), "second.csv", "first.csv").missing == 3
    found = month(debts(2), "second.csv", "first.csv", 3)
    assert (found.missing, found.withdrawn) == (3, {"WITHDRAWN": 3})
    assert {outcome for _, _, outcome in listed(tmp_path / "second.csv")} == {"WITHDRAWN"}
    assert len(list(own_records(gateway.registry))) == 2
    sent = withdrawals(parties)
    assert month(debts(2), "second.csv", "first.csv", 3).withdrawn == {"WITHDRAWN": 3}
    assert withdrawals(parties) == sent
    with pytest.raises(FileSuspicious, match="3 accounts"):
        month(debts(2), "second.csv", "first.csv", 4)


def test_what_was_settled_or_withdrawn_meanwhile_stays_as_it_is(month: Any, gateway: Gateway, tmp_path: Path) -> None:
    month(debts(3), "first.csv")
    month(debts(1), "second.csv", "first.csv")
    with missing_of(tmp_path / "second.csv").open(encoding="utf-8") as file:
        first = UUID(next(csv.DictReader(file))["record_id"])
    withdraw_records(gateway.registry, [first], WithdrawalReason.CREDITOR_DECISION, nobody)
    month(debts(1), "second.csv", "first.csv", 2)
    assert [outcome for _, _, outcome in listed(tmp_path / "second.csv")] == ["WITHDRAWN", "WITHDRAWN"]


def test_an_answer_that_was_lost_is_got_again(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    with parties.gateway(attempts=1) as gateway:
        reported(gateway, tmp_path, debts(5), "first.csv", since=None)
        reported(gateway, tmp_path, debts(2), "second.csv", since="first.csv")
        gateway.tools.registry.ask_incarnation()
        parties.registry.after_next = []
        inner = parties.registry.inner

        class Cut(httpx.BaseTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                answer = inner.handle_request(request)
                if "withdrawals" in str(request.url):
                    answer.read()
                    parties.registry.inner = inner
                    raise httpx.ReadError("cut by the test")
                return answer

        parties.registry.inner = Cut()
        with pytest.raises(RegistryUnreachable):
            reported(gateway, tmp_path, debts(2), "second.csv", since="first.csv", missing=3)
        assert {outcome for _, _, outcome in listed(tmp_path / "second.csv")} == {""}
        found = reported(gateway, tmp_path, debts(2), "second.csv", since="first.csv", missing=3)
    assert found is not None
    assert found.withdrawn == {"WITHDRAWN": 3}


def test_beyond_the_days_bound_they_are_held_until_a_second_key_confirms(
    month: Any, gateway: Gateway, world: World
) -> None:
    month(debts(30), "first.csv")
    found = month(debts(2), "second.csv", "first.csv", 28)
    assert found.withdrawn == {"HELD": 8, "WITHDRAWN": 20}
    assert len(list(own_records(gateway.registry))) == 10
    assert month(debts(2), "second.csv", "first.csv", 28).withdrawn == {"HELD": 8, "WITHDRAWN": 20}
    with pytest.raises(SameKeyConfirms):
        confirm_take_outs(gateway.registry, 8)
    confirms_take_outs(world, 8)
    assert month(debts(2), "second.csv", "first.csv", 28).withdrawn == {"WITHDRAWN": 28}


def test_rows_without_a_readable_account_forbid_the_withdrawal(month: Any, parties: Parties, tmp_path: Path) -> None:
    month(debts(5), "first.csv")
    rows = [*debts(2), debt("1.38E+12", 证件号码=resident(900))]
    assert month(rows, "second.csv", "first.csv").missing == 3
    for _ in range(2):
        with pytest.raises(FileSuspicious, match="1 rows name no account that can be read") as stopped:
            month(rows, "second.csv", "first.csv", 3)
        assert stopped.value.code == "missing-unreadable"
    assert withdrawals(parties) == 0


def test_an_export_without_rows_misses_every_account(month: Any, gateway: Gateway) -> None:
    month(debts(3), "first.csv")
    assert month([], "second.csv", "first.csv").missing == 3
    assert len(list(own_records(gateway.registry))) == 3


@pytest.mark.parametrize("content", ["", "account\n", "account,record_id,verdict,outcome\nA1,x,ACTIVE,\n"])
def test_a_list_that_is_lost_or_changed_withdraws_nothing(
    month: Any, parties: Parties, tmp_path: Path, content: str
) -> None:
    month(debts(3), "first.csv")
    month(debts(1), "second.csv", "first.csv")
    missing_of(tmp_path / "second.csv").write_text(content)
    with pytest.raises(OutputOfAnotherInput, match="is no list of missing accounts"):
        month(debts(1), "second.csv", "first.csv", 2)
    (tmp_path / "second.csv.plan").rename(tmp_path / "plan")
    with pytest.raises(OutputOfAnotherInput, match=r"second\.csv\.plan: is missing"):
        month(debts(1), "second.csv", "first.csv", 2)
    (tmp_path / "plan").rename(tmp_path / "second.csv.plan")
    missing_of(tmp_path / "second.csv").unlink()
    with pytest.raises(OutputOfAnotherInput, match="is missing; --restart"):
        month(debts(1), "second.csv", "first.csv", 2)
    assert withdrawals(parties) == 0
