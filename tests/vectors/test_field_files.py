"""The cases of accounts, files and dates that people who do this job report publicly."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.bulk.export import Export
from gateway.bulk.mapping import Layout, date_reader, load
from gateway.errors import FileBroken
from gateway.identity.accounts import ANY_FORM, AccountInvalid, Accounts

FIELD = json.loads(Path(__file__).with_name("field-data.json").read_text(encoding="utf-8"))
ACCOUNTS = Accounts(bytes(range(32)), ANY_FORM)


def cases(check: str) -> pytest.MarkDecorator:
    """The cases of one kind; the names of its tests are their ids."""
    found = [each for each in FIELD["cases"] if each["check"] == check]
    return pytest.mark.parametrize("case", found, ids=[each["id"] for each in found])


@pytest.fixture
def export(tmp_path: Path) -> Callable[..., Export]:
    (tmp_path / "layout.toml").write_text(FIELD["mapping_of_the_file_cases"], encoding="utf-8")

    def opened(case: dict[str, Any]) -> Export:
        (tmp_path / "export.csv").write_bytes(base64.b64decode(case["file_base64"]))
        return Export(tmp_path / "export.csv", load(tmp_path / "layout.toml", Layout.ARREARS))

    return opened


@cases("account_same")
def test_two_spellings_of_an_account_have_one_reference(case: dict[str, Any]) -> None:
    first, second = case["input"]
    assert ACCOUNTS.read(first).reference == ACCOUNTS.read(second).reference


@cases("account_refused")
def test_an_account_that_was_lost_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(AccountInvalid):
        ACCOUNTS.read(case["input"][0])


@cases("file_says")
def test_a_file_that_is_none_of_ours_is_named_for_what_it_is(
    export: Callable[..., Export], case: dict[str, Any]
) -> None:
    with pytest.raises(FileBroken) as broken:
        export(case).check()
    assert any(word in broken.value.what for word in case["expected"])


@cases("file_rows")
def test_a_file_with_blanks_in_its_header_has_its_rows(export: Callable[..., Export], case: dict[str, Any]) -> None:
    assert export(case).check().rows == case["expected"]


@cases("date_style")
def test_a_time_behind_a_date_is_read_over(case: dict[str, Any]) -> None:
    style, text = case["input"]
    assert date_reader(style)(text).isoformat() == case["expected"]
