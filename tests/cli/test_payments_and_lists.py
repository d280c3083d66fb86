"""A file of payments is settled, and an export compared, from the command line, against a registry that listens."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.identity.accounts import account_ref
from protocol.beijing import beijing_date
from tests.support.builders import a_report
from tests.support.commands import called, configured
from tests.support.exports import debt, results, write, write_mappings
from tests.support.stories import lists
from tests.support.world import World

Call = Callable[..., tuple[int, str, str]]
ACCOUNT_KEY = bytes(range(32))
HEADER = "account,record_id,kind,amount_yuan,settled_at\n"


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    config = configured(world, tmp_path, "carrier-a")
    return lambda *words: called(capsys, "gateway", *words, "--config", str(config))


@pytest.fixture
def record_id(world: World) -> str:
    """The record of an account A1 that was due 100 days ago."""
    today = beijing_date(world.clock())
    due, noticed = today - dt.timedelta(days=100), today - dt.timedelta(days=60)
    reported = a_report(account_ref=account_ref("A1", ACCOUNT_KEY), due_date=due, notice_date=noticed)
    return str(lists(world, "carrier-a", reported).record_id)


def payments(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "payments.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def test_a_file_of_payments_is_settled_and_its_refused_rows_are_copied(
    call: Call, record_id: str, tmp_path: Path
) -> None:
    source = payments(tmp_path, f"A1,{record_id},FULL,999,2026-01-01", f"A1,{record_id},PARTIAL,abc,2026-01-01")
    out, mend = tmp_path / "settled.csv", tmp_path / "mend.csv"
    words = ("settle", str(source), "--out", str(out), "--only-rejected", str(mend), "--json")
    code, printed, err = call(*words)
    assert (code, printed) == (1, "")
    assert "payments-old: 1 payments are older than 35 days" in err
    code, printed, err = call(*words, "--accept-old")
    assert (code, json.loads(printed)["verdicts"]) == (1, {"REJ_INVALID_AMOUNT": 1, "REJ_INVALID_DATE": 1})
    assert "nothing was settled: 2 of 2 payments were refused" in err
    assert mend.read_text() == source.read_text()


def test_a_settled_file_is_told_in_words(world: World, call: Call, record_id: str, tmp_path: Path) -> None:
    today = beijing_date(world.clock()).isoformat()
    source, out = payments(tmp_path, f"A1,{record_id},FULL,999,{today}"), tmp_path / "settled.csv"
    code, printed, err = call("settle", str(source), "--out", str(out))
    assert code == 0, err
    assert "SETTLED 1" in printed
    assert results(out)[1][:5] == ["1", "A1", "SETTLED", record_id, "CLEARED"]


@pytest.mark.parametrize(
    "words",
    [
        ("settle", "--out", "settled.csv"),
        ("settle", "--accept-old"),
        ("settle", "FILE"),
        ("settle", "FILE", "--out", "settled.csv", "--waive-rest"),
        ("settle", "FILE", "--out", "settled.csv", "--idempotency-key", "k"),
    ],
)
def test_options_of_a_file_and_of_one_payment_are_kept_apart(
    call: Call, tmp_path: Path, words: tuple[str, ...]
) -> None:
    source = payments(tmp_path)
    code, _, err = call(*(str(source) if word == "FILE" else word for word in words))
    assert (code, "FILE" in err) == (2, True)


def test_an_export_is_compared_and_the_lists_are_counted(call: Call, record_id: str, tmp_path: Path) -> None:
    write_mappings(tmp_path)
    source, out = write(tmp_path / "arrears.csv", [debt("A1"), debt("A2")]), tmp_path / "lists"
    words = ("reconcile", str(source), "--mapping", str(tmp_path / "arrears.toml"), "--out", str(out))
    code, printed, err = call(*words, "--json")
    assert code == 0, err
    told = json.loads(printed)
    assert (told["rows"], told["open_records"], told["only_ours"], told["differing"]) == (2, 1, 1, 1)
    assert {row[2] for row in results(out / "differing.csv")[1:]} == {record_id}
    assert "only ours 1" in " ".join(call(*words)[1].split())
    write(source, [])
    code, _, err = call(*words)
    assert (code, "no-rows" in err) == (1, True)
