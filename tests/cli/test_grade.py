"""`clearline grade backtest`: figures in three forms, refusals by code, and no library without being asked."""

import copy
import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.signing.keys import public_bytes, save_private_key
from protocol.encodings import b64url_encode
from registry.policy.first_scorecard import FIRST_GRADE
from tests.support.commands import called
from tests.support.graded_log import CLEARED, a_log
from tests.support.graded_orders import BY_INQUIRY, BY_TEXT, repeated, sample, table
from tests.support.log_server import LOG, REGISTRY_KEY, YEAR, listening
from tests.support.logs import seeded_key
from tests.support.root import ROOT
from tests.support.rules import a_version

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(table(sample(1_500)))
    return path


def written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "scorecard.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def changed(change: Change) -> dict[str, Any]:
    document = copy.deepcopy(FIRST_GRADE)
    change(document)
    return document


def lower_cuts(document: dict[str, Any]) -> None:
    for cut in document["cuts"]:
        cut["at_least"] -= 10


def test_a_table_a_spreadsheet_and_a_program_read_the_same_figures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: Path
) -> None:
    proposed = written(tmp_path, changed(lower_cuts))
    asked = ("grade", "backtest", str(file), "--scorecard", str(proposed), "--baseline", str(file))
    told = {form: called(capsys, *asked, "--format", form) for form in ("table", "csv", "json")}
    assert {form: (code, err) for form, (code, _, err) in told.items()} == dict.fromkeys(told, (0, ""))
    document = json.loads(told["json"][1])
    rows = list(csv.DictReader(io.StringIO(told["csv"][1])))
    for scorecard, key in (("in force", "in_force"), ("proposed", "proposed")):
        letters = {row["name"]: row for row in rows if (row["scorecard"], row["table"]) == (scorecard, "letter")}
        assert {name: int(row["number"]) for name, row in letters.items()} == {
            name: line["number"] for name, line in document[key]["letters"].items()
        }
        assert {name: float(row["rate"]) for name, row in letters.items() if row["rate"]} == {
            name: line["rate"] for name, line in document[key]["letters"].items() if "rate" in line
        }
    assert document["in_force"]["letters"]["D"]["number"] > document["proposed"]["letters"]["D"]["number"]
    assert document["stability"]["total"] == {"psi": 0.0, "shift": "stable"}
    assert sum(move["number"] for move in document["moves"]) == 1_500
    lines = told["table"][1].splitlines()
    assert "scorecard in force" in lines
    assert "orders by letter: in force (down) to proposed (across)" in lines
    assert max(map(len, lines)) < 120


def test_a_report_is_kept_in_three_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(table(repeated(40, 4, "o0 p0 d- c0 b0 k0 t0 D"), BY_TEXT))
    code, out, err = called(capsys, "grade", "backtest", str(path), "--out", str(tmp_path / "report"))
    assert (code, err) == (0, "")
    assert "letters in the table that the scorecard in force gives otherwise: 40" in out
    assert sorted(each.name for each in (tmp_path / "report").iterdir()) == [
        "backtest.csv",
        "backtest.json",
        "backtest.png",
    ]


def test_a_fault_of_the_table_is_told_without_its_cell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(table(["2026-01-01,330106199001010017,0,0,,0,0,0,0"]))
    assert called(capsys, "grade", "backtest", str(path)) == (
        1,
        "",
        f"clearline: {path}: line 2, column bad: not-0-or-1\n",
    )


def _steeper(document: dict[str, Any]) -> None:
    document["characteristics"][5]["bins"][1]["points"] = -20


def _without_text(document: dict[str, Any]) -> None:
    del document["reasons"][3]


def _with_more(document: dict[str, Any]) -> None:
    document["age"] = 18


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_steeper, "[characteristics.5.bins: not-monotone]"),
        (_without_text, "[reasons: text-missing]"),
        (_with_more, "[.: unknown-field]"),
    ],
)
def test_a_scorecard_that_the_registry_would_refuse_is_refused_by_the_same_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: Path, change: Change, fault: str
) -> None:
    path = written(tmp_path, changed(change))
    code, out, err = called(capsys, "grade", "backtest", str(file), "--scorecard", str(path))
    assert (code, out, err) == (1, "", f"clearline: {path}: the scorecard is refused {fault}\n")


def test_a_whole_version_of_the_rules_is_taken_if_it_grades(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: Path
) -> None:
    version = a_version()
    path = written(tmp_path, version)
    code, _, err = called(capsys, "grade", "backtest", str(file), "--in-force", str(path))
    assert (code, err) == (1, f"clearline: {path}: the scorecard is refused [grade: required]\n")
    written(tmp_path, version | {"grade": FIRST_GRADE})
    code, out, _ = called(capsys, "grade", "backtest", str(file), "--in-force", str(path), "--format", "json")
    assert (code, json.loads(out)) == (
        0,
        json.loads(called(capsys, "grade", "backtest", str(file), "--format", "json")[1]),
    )


def test_an_auditor_takes_the_inputs_of_inquiries_from_the_log(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = a_log(*[CLEARED] * 40, None)
    log.publish()
    asked = [each["id"] for each in log.openings if '"kind":"inquiry"' in each["core"]]
    path = tmp_path / "orders.csv"
    path.write_bytes(table([f"2026-03-14,{place % 2},{each}" for place, each in enumerate(asked)], BY_INQUIRY))
    save_private_key(seeded_key("auditor"), tmp_path / "auditor.pem")
    reader = ["--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1", "--registry-key-id", "registry-1"]
    with listening(log) as server:
        pinned = ["--log-url", f"{server.url}/log/{YEAR}", "--vkey", LOG.vkey]
        key = ["--registry-key", b64url_encode(public_bytes(REGISTRY_KEY))]
        asks = ("grade", "backtest", str(path), *pinned, *reader, *key, "--format", "json")
        code, out, _ = called(capsys, *asks)
        document = json.loads(out)
        assert (code, document["all"]["number"], document["all"]["bad"], document["left_out"]) == (0, 40, 20, 1)
        assert document["in_force"]["letters"]["C"]["number"] == 40
        server.openings[-2]["personal"] = server.openings[-2]["personal"].replace("d3 c1", "d9 c1")
        code, out, err = called(capsys, *asks)
    assert (code, out) == (1, "")
    assert "not-proved: 1 entries do not hold (personal-mismatch)" in err


def test_a_table_that_names_inquiries_needs_the_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(table(["2026-03-14,0,01a225b9-cdfb-7335-90f5-d68f3071dc19"], BY_INQUIRY))
    code, _, err = called(capsys, "grade", "backtest", str(path))
    assert (code, err) == (1, f"clearline: {path}: line 1, column inquiry_id: log-needed\n")
    code, _, err = called(capsys, "grade", "backtest", str(path), "--log-url", "http://127.0.0.1:1/log/2026")
    assert (code, "--log-url goes with --vkey" in err) == (2, True)


MISSING = """
import sys
sys.modules["scipy"] = None
from cli.main import main
main(["grade", "backtest", {file!r}])
"""


def test_without_the_extra_one_line_says_how_it_is_installed(file: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", MISSING.format(file=str(file))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("clearline: analysis-not-installed: SciPy and matplotlib are missing; python -m pip")
    assert ended.stderr.count("\n") == 1
