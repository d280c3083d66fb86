"""A file of verdicts says in words what to do, and the rejected rows can be mended and sent again as they are."""

import csv
import re
import stat
from pathlib import Path

import pytest

from gateway.bulk.progress import partial_of
from gateway.bulk.report import ReportSummary
from gateway.bulk.verdict_rows import HEADER
from gateway.bulk.verdict_words import CAUSES
from gateway.gateway import Gateway
from protocol.codes import Verdict
from tests.support.builders import TODAY
from tests.support.bulk import report
from tests.support.exports import debt, resident, results, write
from tests.support.root import ROOT

OF_BEFORE = 9
"""The columns of an earlier release."""


def told(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reported(gateway: Gateway, tmp_path: Path, mappings: Path, source: Path, mapping: str = "arrears") -> ReportSummary:
    return gateway.report_file(
        source=source,
        mapping=mappings / f"{mapping}.toml",
        output=tmp_path / "results.csv",
        only_rejected=tmp_path / "mend.csv",
        restart=True,
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words_in_both_languages_and_a_field_of_a_report(verdict: Verdict) -> None:
    cause = CAUSES[verdict]
    assert cause.en.endswith(".")
    assert cause.zh.endswith("。")
    assert re.search("[\u4e00-\u9fff]", cause.zh)
    fields = {"", "account", "document_number", "principal", "due_date", "notice_date", "category"}
    assert cause.field in fields
    assert verdict.value.startswith("REJ_") or not cause.field


def test_the_page_of_mappings_lists_every_verdict_in_these_words() -> None:
    page = (ROOT / "examples" / "mappings" / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{verdict}` | {CAUSES[verdict].en} |" in page for verdict in Verdict)


def test_a_line_names_its_row_its_field_the_exports_column_and_the_fault(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    rows = [
        debt("ok"),
        debt("document", 证件号码="110105194912310021"),
        debt("small", 证件号码=resident(2), 本金="99.99"),
        debt("label", 类别="不知道"),
    ]
    report(gateway, tmp_path, mappings, rows)
    found = [(each["row"], each["field"], each["column"], each["code"]) for each in told(tmp_path)]
    assert found == [
        ("1", "", "", ""),
        ("2", "document_number", "证件号码", "BAD_CHECK_DIGIT"),
        ("3", "principal", "本金", "REJ_BELOW_MINIMUM"),
        ("4", "category", "类别", "UNKNOWN_LABEL"),
    ]
    first, second, *_ = told(tmp_path)
    assert first["enforceable_from"] <= TODAY.isoformat()
    assert second["cause"] == CAUSES[Verdict.REJ_INVALID_DOCUMENT].en
    assert second["cause_zh"] == CAUSES[Verdict.REJ_INVALID_DOCUMENT].zh


@pytest.mark.parametrize(("encoding", "mapping"), [("utf-8", "arrears"), ("gb18030", "gb")])
def test_rejected_rows_are_copied_as_they_stand_and_can_be_reported_when_they_are_mended(
    gateway: Gateway, tmp_path: Path, mappings: Path, encoding: str, mapping: str
) -> None:
    bad = debt("A2", 姓名='王"小"明,\n二行', 证件号码="110105194912310021")
    source = write(tmp_path / "export.csv", [debt("A1"), bad, debt("A3", 类别="不知道")], encoding=encoding)
    assert reported(gateway, tmp_path, mappings, source, mapping).verdicts["ACTIVE"] == 1
    raw, mend = source.read_bytes(), tmp_path / "mend.csv"
    assert raw.startswith(mend.read_bytes().splitlines(keepends=True)[0])
    assert raw.endswith(b"".join(mend.read_bytes().splitlines(keepends=True)[1:]))
    assert stat.S_IMODE(mend.stat().st_mode) == 0o600
    mended = mend.read_bytes().decode(encoding).replace("110105194912310021", resident(7)).replace("不知道", "恶意")
    again = tmp_path / "again.csv"
    again.write_bytes(mended.encode(encoding))
    second = gateway.report_file(source=again, mapping=mappings / f"{mapping}.toml", output=tmp_path / "second.csv")
    assert set(second.verdicts) <= {"ACTIVE", "DUPLICATE"}
    assert [row[0] for row in results(tmp_path / "second.csv")[1:]] == ["A2", "A3"]


@pytest.mark.parametrize(
    ("label", "word"), [("不知道", "不知道"), ("=恶意", "'=恶意"), ("11010519491231002X", ""), ("长" * 21, "")]
)
def test_an_unknown_word_is_repeated_unless_it_may_be_a_number(
    gateway: Gateway, tmp_path: Path, mappings: Path, label: str, word: str
) -> None:
    report(gateway, tmp_path, mappings, [debt("A1"), debt("A2", 类别=label)])
    second = told(tmp_path)[1]
    assert (second["code"], second["column"], second["word"]) == ("UNKNOWN_LABEL", "类别", word)


def test_without_a_rejected_row_the_file_has_the_first_line_alone(
    gateway: Gateway, tmp_path: Path, mappings: Path
) -> None:
    source = write(tmp_path / "export.csv", [debt("A1")])
    reported(gateway, tmp_path, mappings, source)
    assert (tmp_path / "mend.csv").read_bytes() == source.read_bytes().splitlines(keepends=True)[0]


def test_a_run_that_an_earlier_release_began_keeps_its_columns(
    gateway: Gateway, tmp_path: Path, mappings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bulk.report.HEADER", HEADER[:OF_BEFORE])
    report(gateway, tmp_path, mappings, [debt("A1"), debt("A2", 证件号码=resident(2), 本金="1")])
    assert {len(row) for row in results(tmp_path / "results.csv")} == {OF_BEFORE}
    assert not partial_of(tmp_path / "results.csv").exists()
