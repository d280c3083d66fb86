"""The cases that people who do this job report publicly, from the command line to the decision at the counter."""

import csv
import datetime as dt
import hashlib
import json
import logging
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from gateway import settings
from gateway.bulk.applications import Application
from gateway.counter.disassociations import Separation
from gateway.counter.disputes import Complaint
from gateway.counter.settlements import Payment
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.wiring import build
from protocol.beijing import beijing_date
from protocol.codes import DisputeGround, RebuttalGround, ServiceClass, SettlementKind
from protocol.identifiers import DocumentKind
from tests.support.exports import debt, resident, table, write, write_mappings
from tests.vectors.listening import House, listening, now

FIELD = json.loads(Path(__file__).with_name("field-data.json").read_text(encoding="utf-8"))
CLI = {each["id"]: each for each in FIELD["cases"] if each["check"] == "cli"}
BORN = dt.date(1985, 3, 15)


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    write_mappings(folder)
    shutil.copy(sqlite_template, folder / "registry.db")
    with listening(folder, folder / "registry.db") as opened:
        yield opened


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(f"clearline.{name}") for name in ("api", "access", "custodian", "gateway")]
    before = [(each.level, each.propagate, list(each.handlers)) for each in loggers]
    yield
    for logger, (level, propagate, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.propagate, logger.handlers = propagate, handlers


class Desk:
    """One carrier's command line and counter."""

    def __init__(self, house: House, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._house, self._capsys, self._folder, self._runs = house, capsys, folder, count()

    def report(
        self, source: Path | list[dict[str, str]], *more: str, carrier: str = "carrier-a"
    ) -> tuple[int, str, list[dict[str, Any]]]:
        """Exit code, standard error, and the lines of the verdicts (account, verdict, record, ...)."""
        run = next(self._runs)
        if isinstance(source, list):
            source = write(self._folder / f"export-{run}.csv", source)
        out = self._folder / f"verdicts-{run}.csv"
        words = ["--mapping", str(self._house.folder / "arrears.toml"), "--out", str(out), *more]
        with pytest.raises(SystemExit) as end:
            main(["gateway", "report", str(source), *words, "--config", str(self._house.configs[carrier])])
        rows = []
        if out.exists():
            with out.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        return int(end.value.code or 0), self._capsys.readouterr().err, rows

    def gateway(self, carrier: str = "carrier-a") -> Gateway:
        return build(settings.load(self._house.configs[carrier]))

    def check(
        self, number: str, service: ServiceClass = ServiceClass.MOBILE, *, carrier: str = "carrier-b", **home: Any
    ) -> str:
        with self.gateway(carrier) as here:
            return here.check(Application(identity=person(number, **home), service_class=service)).decision.value


@pytest.fixture
def desk(house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Desk:
    return Desk(house, capsys, tmp_path)


def person(number: str, **home: Any) -> RawIdentity:
    return RawIdentity(kind=DocumentKind.RESIDENT_ID, number=number, **home)


def owed(account: str, number: str, **changes: Any) -> dict[str, str]:
    """A listable debt of today: 200 days past due, noticed 150 days ago."""
    dates = {"到期日": ago(200), "通知日": ago(150)}
    return debt(account, **({"证件号码": number} | dates | changes))


def ago(days: int) -> str:
    return (beijing_date(now()) - dt.timedelta(days=days)).isoformat()


def somebody(case: str) -> str:
    """Another person for each case: they share one registry."""
    return resident(int(CLI[case]["id"][1:]), born=BORN)


@pytest.mark.parametrize("rows", [300, 400])
def test_g01_an_export_with_zeroed_numbers_is_refused_whole(desk: Desk, rows: int) -> None:
    numbers = (resident(n % 900, born=BORN + dt.timedelta(days=n)) for n in range(rows))
    code, err, told = desk.report([owed(f"Z{n}", each[:15] + "000") for n, each in enumerate(numbers)])
    assert (code, told) == (1, [])
    assert f"{rows} of {rows} document numbers end in 000" in err
    assert "document numbers name nobody (check digit or form)" in err


def test_g02_one_debt_under_six_spellings_is_one_record(desk: Desk) -> None:
    spellings = ("0012345678", "12345678", "'0012345678", "００１２３４５６７８", "0012345678.0", "0012345678\u200b")
    _, _, told = desk.report([owed(each, somebody("G02"), 本金="531.56") for each in spellings])
    verdicts = [row["verdict"] for row in told]
    assert verdicts == ["ACTIVE", "ACTIVE", "DUPLICATE", "DUPLICATE", "REJ_ACCOUNT_UNREADABLE", "DUPLICATE"]
    assert len({row["record_id"] for row in told if row["record_id"]}) == 2


def test_g03_a_paid_debt_does_not_come_back_behind_an_apostrophe(desk: Desk) -> None:
    number = somebody("G03")
    desk.report([owed("G0300001", number)])
    assert desk.check(number) == "PAY_FIRST"
    with desk.gateway() as here:
        payment = Payment(
            identity=person(number), account="G0300001", kind=SettlementKind.FULL, amount_fen=10**6, settled_at=now()
        )
        assert here.settle(payment).state == "CLEARED"
    assert desk.check(number) == "ALLOW"
    _, _, [again] = desk.report([owed("'G0300001", number)])
    assert again["verdict"] == "DUPLICATE"
    assert desk.check(number) == "ALLOW"


def test_g04_two_debts_under_a_rounded_account_are_both_refused(desk: Desk) -> None:
    number = somebody("G04")
    code, err, told = desk.report([owed("1.38001E+12", number, 本金=each) for each in ("531.56", "888.88")])
    assert [(row["verdict"], row["detail"]) for row in told] == [("REJ_ACCOUNT_UNREADABLE", "account:EXPONENT")] * 2
    assert (code, "nothing was reported: 2 of 2 rows were refused" in err) == (1, True)
    assert desk.check(number) == "ALLOW"


def test_g05_the_last_monthly_bill_does_not_silently_win(desk: Desk) -> None:
    bills = [owed("G0500001", somebody("G05"), 本金=each) for each in ("120.00", "130.00", "140.00")]
    _, _, told = desk.report(bills)
    assert [row["verdict"] for row in told] == ["ACTIVE", "REJ_ACCOUNT_REPEATED", "REJ_ACCOUNT_REPEATED"]


def test_g06_a_file_of_which_nothing_is_reported_says_so_and_why(desk: Desk) -> None:
    numbers = [resident(600 + n, born=BORN) for n in range(5)]
    code, err, told = desk.report([owed(f"G06{n}", each[:-1]) for n, each in enumerate(numbers)])
    assert (code, "nothing was reported: 5 of 5 rows were refused" in err) == (1, True)
    assert {(row["verdict"], row["detail"]) for row in told} == {("REJ_INVALID_DOCUMENT", "document_number:MALFORMED")}
    code, err, told = desk.report([owed(f"G06{n}", f"'{each}") for n, each in enumerate(numbers)])
    assert code != 0 or [row["verdict"] for row in told] == ["ACTIVE"] * 5


def test_g07_a_comma_too_many_on_each_row_is_one_complaint_about_the_file(desk: Desk, tmp_path: Path) -> None:
    header, *rows = table([owed("G07", somebody("G07"))] * 3).splitlines()
    (tmp_path / "commas.csv").write_text("".join(f"{each}\n" for each in (header, *(f"{row}," for row in rows))))
    code, err, told = desk.report(tmp_path / "commas.csv")
    assert (code, told, err.count("clearline: ")) == (1, [], 1)
    assert "no row has the 15 fields of the first line" in err


def test_g08_a_total_in_the_last_row_is_said_to_be_one(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "total.csv").write_text(table([owed("G08", somebody("G08"))]) + "合计,,1063.12\n")
    code, err, _ = desk.report(tmp_path / "total.csv")
    assert (code, "if that row is a total" in err) == (1, True)


def test_g09_no_cell_of_the_verdicts_is_run_by_a_spreadsheet(desk: Desk) -> None:
    _, _, told = desk.report([owed("=cmd|calc", somebody("G09")), owed("G0900001", somebody("G09"))])
    assert [row["account"] for row in told] == ["'=cmd|calc", "G0900001"]
    assert [row["verdict"] for row in told] == ["REJ_ACCOUNT_UNREADABLE", "ACTIVE"]


@pytest.mark.parametrize("pair", ["F001", "F003", "F007", "F009"])
def test_g10_a_stranger_behind_an_address_with_a_lost_character_is_served(desk: Desk, pair: str) -> None:
    [owes, asks] = next(each["input"] for each in FIELD["cases"] if each["id"] == pair)
    desk.report([owed(f"G10{pair}", resident(700 + int(pair[1:]), born=BORN), 业务="宽带", 地址=owes)])
    assert desk.check(resident(901, born=BORN), ServiceClass.BROADBAND, address=asks) == "ALLOW"


def test_g11_a_debt_under_fifteen_digits_is_found_under_eighteen(desk: Desk) -> None:
    number = somebody("G11")
    desk.report([owed("G1100001", number[:6] + number[8:17])])
    assert desk.check(number) == "PAY_FIRST"


def test_g12_a_notice_before_its_debt_or_of_tomorrow_or_none_lists_nobody(desk: Desk) -> None:
    number = somebody("G12")
    notices = [ago(201), ago(-1), "", ago(21)]
    _, _, told = desk.report(
        [owed(f"G12{n}", number, 通知日=each, 渠道="短信" if each else "") for n, each in enumerate(notices)]
    )
    assert [row["verdict"] for row in told] == ["REJ_INVALID_DATE", "REJ_INVALID_DATE", "REJ_NO_NOTICE", "PENDING"]
    assert desk.check(number) == "ALLOW"


def test_g13_a_stolen_identity_is_served_everywhere_at_once(desk: Desk) -> None:
    number = somebody("G13")
    desk.report([owed("G1300001", number)])
    assert desk.check(number, carrier="carrier-c") == "PAY_FIRST"
    with desk.gateway("carrier-b") as here:
        here.file_dispute(Complaint(identity=person(number), ground=DisputeGround.IDENTITY_THEFT))
    assert desk.check(number, carrier="carrier-c") == "ALLOW"


def test_g14_a_new_tenant_is_served_after_one_step(desk: Desk) -> None:
    home = "浙江省杭州市西湖区文三路88号5栋1单元601室"
    tenant = person(resident(914, born=BORN), address=home)
    desk.report([owed("G1400001", somebody("G14"), 业务="宽带", 地址=home)])
    assert desk.check(tenant.number, ServiceClass.BROADBAND, address=home) == "PAY_FIRST"
    with desk.gateway("carrier-b") as here:
        lease = hashlib.sha256(b"a lease").digest()
        here.rebut(Separation(identity=tenant, ground=RebuttalGround.SEPARATE_HOUSEHOLD, evidence_digest=lease))
    assert desk.check(tenant.number, ServiceClass.BROADBAND, address=home) == "ALLOW"


def test_every_case_of_the_command_line_is_told_here() -> None:
    told = {name.split("_")[1].upper() for name in globals() if name.startswith("test_g")}
    assert told == CLI.keys()
