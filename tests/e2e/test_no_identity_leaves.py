"""No identity number, name, address or account of the sample is in any database, log or message beyond the carrier."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import Told
from tests.e2e.traces import files_under, personal_texts, readable, sample_needles, search

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def needles() -> dict[bytes, str]:
    return sample_needles()


def found_in(needles: dict[bytes, str], paths: list[Path]) -> dict[str, list[str]]:
    hits = {path.name: [hit for text in readable(path.read_bytes()) for hit in search(needles, text)] for path in paths}
    return {name: found for name, found in hits.items() if found}


def test_databases_and_key_files_hold_nobody(told: Told, needles: dict[bytes, str]):
    paths = files_under(told.var / "registry", *(told.var / f"custodian-{index}" for index in (1, 2, 3)))
    assert {"registry.db", "ledger.db"} <= {path.name for path in paths}
    assert found_in(needles, paths) == {}


def test_logs_hold_nobody(told: Told, needles: dict[bytes, str]):
    paths = files_under(told.var / "logs")
    assert {"registry.log", "custodian-1.log", "gateway-carrier-a.log"} <= {path.name for path in paths}
    assert found_in(needles, paths) == {}


def test_no_request_and_no_answer_holds_anybody(told: Told, needles: dict[bytes, str]):
    paths = files_under(told.capture)
    seen = {path.name.partition("-")[2] for path in paths}
    servers = ("registry", "custodian-1", "custodian-2", "custodian-3")
    assert seen == {f"{server}.{side}" for server in servers for side in ("request", "response")}
    assert found_in(needles, paths) == {}


def test_what_the_carriers_wrote_down_on_the_way_holds_no_number(told: Told, needles: dict[bytes, str]):
    accounts = {text.encode() for name in ("carrier-a", "carrier-b", "carrier-c") for _, text in _accounts(name)}
    strangers = {needle: what for needle, what in needles.items() if needle not in accounts}
    assert found_in(strangers, files_under(told.var / "work", told.out)) == {}


def test_what_the_command_said_holds_no_number(told: Told, needles: dict[bytes, str]):
    assert search(needles, told.ended.stdout.encode() + told.ended.stderr.encode()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "unicode_escape"])
def test_the_search_finds_what_is_planted(told: Told, needles: dict[bytes, str], tmp_path: Path, encoding: str):
    address = next(text for what, text in personal_texts("carrier-b") if what == "address" and len(text) > 6)
    planted = tmp_path / "registry.db"
    shutil.copy(told.var / "registry" / "registry.db", planted)
    with planted.open("ab") as file:
        file.write(b"\0" + address.encode(encoding) + b"\0")
    assert found_in(needles, [planted]) != {}


def _accounts(name: str):
    return ((what, text) for what, text in personal_texts(name) if what == "account")
