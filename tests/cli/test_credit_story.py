"""The story of a grade in this process, and the options and folders that it refuses."""

import datetime as dt
from pathlib import Path

import pytest

from cli.demo.credit_story import run_credit_story
from cli.demo.folder import CREDIT, DEMONSTRATION, SANDBOX, Kind, own_folder
from tests.support.commands import called

START = dt.datetime(2027, 1, 18, 2, tzinfo=dt.UTC)


def test_the_story_comes_out_from_the_first_scorecard_to_the_consent_that_is_withdrawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_credit_story(tmp_path / "var", START)
    told = capsys.readouterr().err.splitlines()
    in_order = (
        "2027-01-18  The regulator approves it",
        "2027-02-01  From today on people are graded.",
        "2027-03-03  Wang asks for a mobile line at carrier-b: PAY_FIRST, grade E (DEBT_OPEN)",
        "2027-05-12  Wang asks for a mobile line at carrier-b: DEPOSIT, grade D (CLEARED_RECENTLY, PAID_LATE",
        "押金为 118.00 元",
        "可先办理预付费业务",
        "您的信用等级为 D：近90天内刚结清一笔欠费；欠费列入名单后超过30天才结清或商定分期",
        "可要求人工复核",
        "2027-05-12  Wang pays the deposit of 118.00 yuan at carrier-b",
        "2027-11-09  Wang asks for a mobile line at carrier-c: ALLOW, grade C (NOTHING_ADVERSE",
        "2028-05-12  12 months have passed. carrier-b is told DEPOSIT_DUE_BACK: 118.00 yuan.",
        "## 您缴纳的押金",
        "缴纳押金 118.00 元，最迟 2028-05-12 退还；现有 118.00 元未退",
        "2028-05-12  carrier-b gives the deposit back.",
        "缴纳押金 118.00 元；已全部处理完毕；截至 2028-05-12 已退还 118.00 元",
        "2028-05-12  The operator proposes version 3 of the rules, which allow attestations",
        "2028-05-26  Li asks for a mobile line at carrier-b: ALLOW, grade C (NOTHING_ADVERSE, NO_ATTESTATION)",
        "2028-05-26  Li asks for a mobile line at carrier-b: ALLOW, grade A (NOTHING_ADVERSE, LONG_ATTESTATION)",
        "2028-05-26  Li withdraws the consent at carrier-c.",
        "2028-05-26  No attestation is left",
        "2028-05-26  Li asks for a mobile line at carrier-b: ALLOW, grade C (NOTHING_ADVERSE, NO_ATTESTATION)",
    )
    lines = iter(told)
    assert [words for words in in_order if not any(words in line for line in lines)] == []


@pytest.mark.parametrize("option", ["--sandbox", "--reset", "--once", "--keep", "--capture=seen", "--data=."])
def test_the_story_of_a_grade_takes_no_option_of_another_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    code, _, err = called(capsys, "demo", "--credit", option, "--var", str(tmp_path / "var"))
    name = option.partition("=")[0]
    assert (code, f"{name} does not go with --credit" in err) == (2, True)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("other", [DEMONSTRATION, SANDBOX])
def test_the_story_of_a_grade_refuses_the_folder_of_another_demonstration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], other: Kind
) -> None:
    with own_folder(tmp_path / "var", keep=True, kind=other):
        (tmp_path / "var" / "kept").touch()
    code, _, err = called(capsys, "demo", "--credit", "--var", str(tmp_path / "var"))
    assert (code, f"lies in the folder of a {other.name}" in err) == (1, True)
    assert (tmp_path / "var" / "kept").exists()
    with own_folder(tmp_path / "credit", keep=True, kind=CREDIT):
        pass
    code, _, err = called(capsys, "demo", "--once", "--var", str(tmp_path / "credit"))
    assert (code, "lies in the folder of a credit story" in err) == (1, True)
