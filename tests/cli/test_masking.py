"""The line that ends a command names files, ids and moments truly, and repeats no number of a person."""

import hashlib
from pathlib import Path

import pytest

from auditlog.errors import LogForked
from cli.masking import without_numbers
from cli.outcome import judge

NUMBER = "11010519491231002X"
FORK = Path("log-state/evidence/0123456789012345-700-800.fork")


def test_a_fork_alarm_names_the_file_that_proves_it() -> None:
    assert str(FORK) in str(judge(LogForked(FORK)))


@pytest.mark.parametrize(
    "named",
    [
        "/var/backups/20261128123456/registry.db",
        "/data/carrier-a/arrears-202611281234.csv",
        "backup-1764331234567890.db",
        "registry.db.20261128123456789",
        "20261128123456",
        "202611281234",
        "0198c2c4-0000-7000-8000-000000000000",
        "log-state/receipts/0198c2c4-0000-7000-8000-123456789012.tlog-proof",
        "log-state/evidence/9876543210987654-12345678901234-22345678901234.fork",
        "carrier-a-202611280001",
        "carrier-a.202611280001",
        "https://registry.example/log/2026/entries/123456789012345",
        "2026-11-28T13:00:00.000000Z",
        hashlib.sha256(b"23").hexdigest(),
        "ab012345678901234567",
        "sha256:0123456789012345678901234567890a",
    ],
)
def test_a_path_an_id_and_a_moment_are_shown_as_they_are(named: str) -> None:
    for line in (named, f"{named}: exists already", f"'{named}' does not exist", f"both are in {named} (refused)"):
        assert without_numbers(line) == line


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        NUMBER.lower(),
        "110105491231002",
        f"{NUMBER}.json",
        f"/home/clerk/{NUMBER}/arrears.csv",
        f"applicant-{NUMBER}.json",
        f"ID{NUMBER}",
        f"id={NUMBER}",
        f"C:\\applicants\\{NUMBER}",
    ],
)
def test_a_number_of_a_person_is_masked_also_in_a_path(typed: str) -> None:
    for line in (typed, f"File '{typed}' does not exist.", f"{typed}: is empty", f"it was {typed}."):
        shown = without_numbers(line)
        assert "[number]" in shown
        assert not {NUMBER, NUMBER.lower(), "110105491231002"} & set(shown.replace("'", " ").split())
        assert "19491231" not in shown
        assert "491231" not in shown


@pytest.mark.parametrize("bare", ["123456789012", "1101051949123100", "6100000012345678901", "138001380001380X"])
def test_a_long_number_that_stands_alone_is_masked(bare: str) -> None:
    assert without_numbers(f"it was {bare}.") == "it was [number]."


def test_short_numbers_stay() -> None:
    assert without_numbers("3 of 1200 rows, 13800138000") == "3 of 1200 rows, 13800138000"
