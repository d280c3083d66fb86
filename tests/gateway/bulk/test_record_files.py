"""A verdict file names records for many reasons; only those that its rows stand for are acted on."""

import uuid
from pathlib import Path

from gateway.bulk.record_files import listed_records, new_accounts, record_ids

IDS = [str(uuid.UUID(int=each)) for each in range(1, 9)]
CODES = (
    "ACTIVE",
    "PENDING",
    "DUPLICATE",
    "UPDATED",
    "WITHDRAWN",
    "REJ_ACCOUNT_IN_USE",
    "REJ_TOO_RECENT",
    "REJ_WITHDRAWAL_HELD",
)


def verdicts(path: Path) -> Path:
    lines = [f"A{n},{code},{each},,,,,," for n, (code, each) in enumerate(zip(CODES, IDS, strict=True))]
    header = "account,verdict,record_id,reason,notes,withdrew,detail,household_register,household_address"
    path.write_text("\n".join([header, *lines, ""]))
    return path


def test_a_refused_row_that_names_somebody_elses_record_does_not_take_it_back(tmp_path: Path) -> None:
    assert [str(each) for each in record_ids(verdicts(tmp_path / "verdicts.csv"))] == IDS[:4]


def test_what_a_report_listed_and_only_repeated_does_not_count_what_it_refused(tmp_path: Path) -> None:
    path = verdicts(tmp_path / "verdicts.csv")
    listed, only_repeated = listed_records(path, length=path.stat().st_size)
    assert ([str(each) for each in listed], only_repeated) == (IDS[:2], 2)


def test_an_apostrophe_that_we_wrote_is_no_part_of_an_account(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(f"record_id,account\n{IDS[0]},'-12\n{IDS[1]},'0012\n")
    assert list(new_accounts(tmp_path / "accounts.csv").values()) == ["-12", "'0012"]
