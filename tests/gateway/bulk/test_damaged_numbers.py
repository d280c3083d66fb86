"""A file whose numbers a spreadsheet damaged is stopped before one of them names a stranger."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.file_guards import Consent
from gateway.errors import FileSuspicious
from gateway.gateway import Gateway
from gateway.identity.accounts import AccountForm
from gateway.wiring import build
from tests.support.account_exports import report
from tests.support.exports import applicants, debt, debts, resident
from tests.support.parties import Parties


def zeroed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row | {"证件号码": row["证件号码"][:15] + "000"} for row in rows]


def numbers_of(numbers: list[str] | Iterator[str], *, valid: bool = True) -> DamagedNumbers:
    seen = DamagedNumbers()
    for each in numbers:
        seen.see_document(each, valid=valid)
    return seen


@pytest.mark.parametrize("rows", [300, 20])
def test_an_export_whose_numbers_end_in_zeros_sends_nothing_and_names_the_cause(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path, rows: int
) -> None:
    exports = zeroed([debt(f"A{n}", 证件号码=resident(n % 10, born=debts_born(n))) for n in range(rows)])
    with pytest.raises(
        FileSuspicious, match=rf"numbers-damaged: {rows} of {rows} document numbers end in 000"
    ) as stopped:
        report(gateway, tmp_path, mappings, exports)
    assert "--accept-numbers" in str(stopped.value)
    assert not any(b"record-batches" in each for each in parties.registry.sent)
    assert [parties.custodian(each).requests for each in (1, 2, 3)] == [0, 0, 0]
    assert list(tmp_path.glob("results*")) == [tmp_path / "results.csv-export.csv"]
    told = report(gateway, tmp_path, mappings, exports[:20], consent=Consent(accept_numbers=True))
    assert len(told) == 20


def debts_born(n: int) -> dt.date:
    return dt.date(1960, 1, 1) + dt.timedelta(days=37 * n)


def test_a_file_in_which_a_fifth_of_the_documents_name_nobody_is_stopped(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    bad = [row | {"证件号码": row["证件号码"][:17] + "?"} for row in debts(10)]
    assert len(report(gateway, tmp_path, mappings, [*debts(40, first=10), *bad])) == 50
    rows = [*debts(39, first=100), debt("extra", 证件号码=""), *bad]
    with pytest.raises(FileSuspicious, match="11 of 50 document numbers name nobody"):
        report(gateway, tmp_path, mappings, rows, name="other.csv")


def test_few_documents_are_no_share(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    assert len(report(gateway, tmp_path, mappings, [debt(f"A{n}", 证件号码="x") for n in range(49)])) == 49


def test_numbers_that_end_alike_are_no_chance_and_one_firm_with_many_lines_is() -> None:
    alike = [f"11010519{year}0102{year % 10}12X" for year in range(50, 70)]
    assert numbers_of(alike).complaint() == "20 of 20 document numbers end in the same three characters"
    assert numbers_of(alike[:4] * 5).complaint() is None
    assert numbers_of([alike[0]] * 3000 + [resident(n) for n in range(500)]).complaint() is None
    assert numbers_of([resident(n) for n in range(990)]).complaint() is None
    assert numbers_of(each[:15] for each in alike).complaint() is None


def test_marks_of_a_spreadsheet_hide_no_zeros() -> None:
    assert numbers_of(f"'{100000 + n}19900101" + "1000" for n in range(10)).complaint() is not None


def test_accounts_that_lost_their_last_digits_stop_the_file(parties: Parties, tmp_path: Path, mappings: Path) -> None:
    rows = [row | {"账户": f"62170012345{n:04d}0000"} for n, row in enumerate(debts(6))]
    with parties.gateway() as gateway:
        with pytest.raises(FileSuspicious, match="6 of 6 long account numbers have only zeros after 15 digits"):
            report(gateway, tmp_path, mappings, rows)
        others = [row | {"账户": f"62170012345{n:04d}0001"} for n, row in enumerate(debts(6))]
        assert len(report(gateway, tmp_path, mappings, others)) == 6


def test_a_carrier_that_declared_the_form_of_its_accounts_knows_their_zeros(
    parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    form = AccountForm(pattern=re.compile("[0-9]{15}0000"))
    rows = [row | {"账户": f"62170012345{n:04d}0000"} for n, row in enumerate(debts(6))]
    settings = replace(parties.settings("carrier-a"), accounts=form)
    with build(settings, transports=parties.lines, clock=parties.clock) as gateway:
        assert len(report(gateway, tmp_path, mappings, rows)) == 6


def test_accounts_that_a_spreadsheet_wrote_out_from_six_digits_stop_the_file(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    rows = [row | {"账户": f"{138001 + n}0000000"} for n, row in enumerate(debts(5))]
    with pytest.raises(FileSuspicious, match="5 of 5 long account numbers have only zeros after 6 digits"):
        report(gateway, tmp_path, mappings, rows)


def test_applicants_with_damaged_numbers_are_not_taken_for_others(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    people = [resident(n % 10, born=debts_born(n))[:15] + "000" for n in range(60)]
    source = applicants(
        tmp_path / "applicants.csv",
        *((f"O{n}", "carrier-a", "身份证", each, "", "", "移动") for n, each in enumerate(people)),
    )
    options: dict[str, Any] = {
        "source": source,
        "mapping": mappings / "applicants.toml",
        "output": tmp_path / "decisions.csv",
    }
    with pytest.raises(FileSuspicious, match="60 of 60 document numbers end in 000"):
        gateway.check_file(**options)
    assert parties.everything_sent() == b""
    assert gateway.check_file(**options, consent=Consent(accept_numbers=True)).rows == 60
