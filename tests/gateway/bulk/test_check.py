from pathlib import Path
from typing import Any

import pytest

from crypto.references import Named
from gateway.errors import ApplicationInvalid, FileBroken
from gateway.gateway import Gateway
from protocol.codes import DecisionCode, ReasonCode, ServiceClass
from protocol.states import HouseholdKeyState
from tests.support.applications import apply
from tests.support.exports import ADDRESS, APPLICANTS, applicants, debt, resident, results, write
from tests.support.orders import spoil
from tests.support.parties import Parties

REGISTER = "4201060011665"


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    """Resident 1 owes for broadband, at a home that is known by register and address."""
    row = debt("OWED", 户号=REGISTER, 地址=ADDRESS, 业务="宽带")
    source = write(tmp_path / "arrears.csv", [row])
    gateway.report_file(source=source, mapping=mappings / "arrears.toml", output=tmp_path / "reported.csv")


def test_a_stranger_is_allowed(gateway: Gateway) -> None:
    answer = gateway.check(apply(resident(3)))
    assert (answer.decision, answer.quote) == (DecisionCode.ALLOW, None)


def test_a_debtor_pays_first_at_any_carrier(parties: Parties, listed: None) -> None:
    with parties.gateway("carrier-b") as other:
        answer = other.check(apply(resident(1)))
    assert (answer.decision, answer.reasons) == (DecisionCode.PAY_FIRST, (ReasonCode.OWN_ARREARS,))
    assert answer.quote is not None
    assert answer.quote.principal_fen == 120_00


def test_the_household_is_found_by_either_key(gateway: Gateway, listed: None) -> None:
    homes: list[dict[str, Any]] = [
        {"household_register": REGISTER},
        {"address": "云南省 昆明市 五华区 学府路287号19-4-1160"},
    ]
    for home in homes:
        assert gateway.check(apply(resident(2), ServiceClass.BROADBAND, **home)).decision is DecisionCode.PAY_FIRST
        assert gateway.check(apply(resident(2), **home)).decision is DecisionCode.REVIEW


def test_a_collective_household_joins_nobody(gateway: Gateway, listed: None) -> None:
    who = apply(resident(2), ServiceClass.BROADBAND, household_register=REGISTER, collective_household=True)
    assert gateway.check(who).decision is DecisionCode.ALLOW


def test_an_invalid_document_is_refused_here_and_not_repeated(gateway: Gateway, parties: Parties) -> None:
    with pytest.raises(ApplicationInvalid) as invalid:
        gateway.check(apply("110105194912310021"))
    assert (invalid.value.field, invalid.value.code) == ("document.number", "BAD_CHECK_DIGIT")
    assert parties.everything_sent() == b""


def test_a_file_of_applicants_is_decided_in_order(
    gateway: Gateway, parties: Parties, listed: None, tmp_path: Path, mappings: Path
) -> None:
    source = applicants(
        tmp_path / "applicants.csv",
        ("ORDER-1", "carrier-a", "身份证", resident(3), "", "", "移动"),
        ("O2", "carrier-b", "身份证", resident(1), "", "", "移动"),
        ("O3", "carrier-a", "身份证", "123", "", "", "移动"),
        ("O4", "carrier-a", "身份证", resident(2), REGISTER, "", "移动"),
        ("O5", "carrier-a", "驾照", resident(2), "", "", "移动"),
        ("O6", "carrier-a", "身份证", resident(2), "", "", "卫星"),
        ("ORDER-7", "carrier-a", "身份证", resident(2), REGISTER, ADDRESS, "宽带"),
    )
    output = tmp_path / "decisions.csv"
    summary = gateway.check_file(source=source, mapping=mappings / "applicants.toml", output=output)
    found = results(output)
    assert [row[:5] for row in found] == [
        ["order", "decision", "reasons", "household_register", "household_address"],
        ["ORDER-1", "ALLOW", "NO_ARREARS", "NOT_GIVEN", "NOT_GIVEN"],
        ["O2", "PAY_FIRST", "OWN_ARREARS", "NOT_GIVEN", "NOT_GIVEN"],
        ["O3", "INVALID_DOCUMENT", "MALFORMED", "", ""],
        ["O4", "REVIEW", "HOUSEHOLD_ARREARS", "GIVEN", "NOT_GIVEN"],
        ["O5", "MALFORMED_ROW", "UNKNOWN_DOCUMENT_KIND", "", ""],
        ["O6", "MALFORMED_ROW", "UNKNOWN_SERVICE", "", ""],
        ["ORDER-7", "PAY_FIRST", "HOUSEHOLD_FIXED_LINE_ARREARS", "GIVEN", "GIVEN"],
    ]
    further = ["remedies", "alternatives", "checked", "valid_until", "inquiry_id", "quote_reference", "total_fen"]
    further += ["grade", "grade_reasons", "deposit_fen"]
    assert found[0][5:] == further
    said = [dict(zip(further, row[5:], strict=True)) for row in found[1:]]
    assert said[1]["remedies"] == "PAY_QUOTE+DISPUTE_RECORD"
    offered = ["", "PREPAID_ONLY", "", "PREPAID_ONLY+DEPOSIT:10000", "", "", "PREPAID_ONLY"]
    assert [each["alternatives"] for each in said] == offered
    assert [each["checked"] for each in said[1:4]] == ["subject", "", "subject+household_register"]
    assert said[1]["total_fen"] == str(gateway.quote(said[1]["quote_reference"]).total_fen)
    assert all(each["inquiry_id"] and each["valid_until"] for each in said if each["checked"])
    assert [each["total_fen"] for each in said if not each["quote_reference"]] == [""] * 5
    assert (summary.rows, summary.decisions["PAY_FIRST"], summary.none_asked) == (7, 2, False)
    assert not any(order in parties.everything_sent() for order in (b"ORDER-1", b"ORDER-7"))


def test_only_the_rows_of_one_carrier_are_checked_when_asked(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    source = applicants(
        tmp_path / "applicants.csv",
        ("O1", "carrier-a", "身份证", resident(3), "", "", "移动"),
        ("O2", "carrier-b", "身份证", resident(4), "", "", "移动"),
    )
    output = tmp_path / "decisions.csv"
    mapping = mappings / "applicants.toml"
    gateway.check_file(source=source, mapping=mapping, output=output, only_carrier="carrier-b")
    assert [row[0] for row in results(output)] == ["order", "O2"]


def test_a_broken_file_of_applicants_asks_nothing(
    gateway: Gateway, parties: Parties, tmp_path: Path, mappings: Path
) -> None:
    source = applicants(tmp_path / "applicants.csv", ("O1", "carrier-a", "身份证", resident(3), "", "", "移动"))
    source.write_bytes(source.read_bytes()[:-8])
    with pytest.raises(FileBroken, match="the last line has no line end"):
        gateway.check_file(source=source, mapping=mappings / "applicants.toml", output=tmp_path / "decisions.csv")
    assert parties.everything_sent() == b""
    assert not (tmp_path / "decisions.csv").exists()


def test_a_file_of_which_no_row_can_be_read_says_so(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    rows = (("O1", "carrier-a", "身份证", "123", "", "", "移动"), ("O2", "carrier-a", "驾照", "1", "", "", "移动"))
    options: dict[str, Any] = {"mapping": mappings / "applicants.toml", "output": tmp_path / "decisions.csv"}
    assert gateway.check_file(source=applicants(tmp_path / "bad.csv", *rows), **options).none_asked
    assert not gateway.check_file(source=applicants(tmp_path / "none.csv"), **options).none_asked


def test_a_carrier_may_keep_consents_under_the_orders_number(gateway: Gateway, tmp_path: Path, mappings: Path) -> None:
    mapping = tmp_path / "kept-with-the-order.toml"
    further = 'consent = "ORDER"\nchannel = "ONLINE"\n'
    mapping.write_text(APPLICANTS + TOLD_OF_ALL + further, encoding="utf-8")
    source = applicants(tmp_path / "applicants.csv", ("ORDER-1", "carrier-a", "身份证", resident(3), "", "", "移动"))
    gateway.check_file(source=source, mapping=mapping, output=tmp_path / "decisions.csv")
    assert gateway.recheck("ORDER-1").answer.changed is False


TOLD_OF_ALL = """
[defaults]
purpose = "NEW_LINE"
identity = "READER"
outlet = "SH-PD-0123"
consent_text = "standard-1"
"""


@pytest.fixture
def telling(tmp_path: Path) -> Path:
    """A mapping whose rows tell their circumstances, by labels and by defaults."""
    columns = 'channel = "channel"\nagent = "clerk"\nconsent = "consent"\nlines = "lines"\nport_in = "ported"\n'
    labels = '[values.channel]\n"营业厅" = "OUTLET"\n"网上" = "ONLINE"\n[values.port_in]\n"是" = "YES"\n"否" = "NO"\n'
    mapping = tmp_path / "telling.toml"
    text = APPLICANTS.replace('service = "service"\n', f'service = "service"\n{columns}')
    mapping.write_text(text + labels + TOLD_OF_ALL, encoding="utf-8")
    return mapping


def told(path: Path, *rows: tuple[str, ...]) -> Path:
    """Rows of (order, number, channel, clerk, consent, lines, ported)."""
    header = "order,carrier,kind,number,register,address,service,channel,clerk,consent,lines,ported\n"
    lines = (f"{order},carrier-a,身份证,{number},,,移动,{','.join(rest)}\n" for order, number, *rest in rows)
    path.write_text(header + "".join(lines), encoding="utf-8")
    return path


def test_a_file_of_applicants_tells_their_circumstances_and_its_tokens_are_kept(
    gateway: Gateway, parties: Parties, tmp_path: Path, telling: Path
) -> None:
    source = told(
        tmp_path / "applicants.csv",
        ("ORDER-1", resident(3), "营业厅", "A-017", "C-1", "2", "是"),
        ("ORDER-2", resident(4), "网上", "", "C-2", "", ""),
        ("ORDER-3", resident(5), "营业厅", "", "C-3", "", ""),
        ("ORDER-4", resident(5), "电报", "A-017", "C-4", "", ""),
        ("ORDER-5", resident(5), "网上", "", "", "many", ""),
    )
    summary = gateway.check_file(source=source, mapping=telling, output=tmp_path / "decisions.csv")
    found = [row[:3] for row in results(tmp_path / "decisions.csv")[1:]]
    assert found == [
        ["ORDER-1", "ALLOW", "NO_ARREARS"],
        ["ORDER-2", "ALLOW", "NO_ARREARS"],
        ["ORDER-3", "MALFORMED_ROW", "agent:REQUIRED"],
        ["ORDER-4", "MALFORMED_ROW", "channel:UNKNOWN_LABEL"],
        ["ORDER-5", "MALFORMED_ROW", "consent:REQUIRED"],
    ]
    assert summary.orders_unkept == 0
    kept = gateway.tools.orders.newest(gateway.tools.references.of(Named.ORDER, "ORDER-1"))
    assert kept is not None
    assert (kept.lines, kept.service_class, kept.decision) == (2, ServiceClass.MOBILE, DecisionCode.ALLOW)
    again = gateway.recheck("ORDER-2")
    assert (again.answer.changed, again.household_address) == (False, HouseholdKeyState.NOT_GIVEN)
    assert not any(each in parties.everything_sent() for each in (b"ORDER-1", b"A-017", b"C-1"))


def test_a_file_whose_tokens_cannot_be_kept_is_decided_and_says_so(
    gateway: Gateway, parties: Parties, tmp_path: Path, telling: Path
) -> None:
    spoil(parties.folder / "carrier-a" / "orders.db")
    source = told(tmp_path / "applicants.csv", ("ORDER-2", resident(4), "网上", "", "C-2", "", ""))
    summary = gateway.check_file(source=source, mapping=telling, output=tmp_path / "decisions.csv")
    assert (summary.orders_unkept, summary.decisions) == (1, {"ALLOW": 1})
