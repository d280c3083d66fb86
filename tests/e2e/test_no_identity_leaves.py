"""No identity number, name, address or account of the sample is in any database, log or message beyond the carrier."""

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from cli.demo.plan import CARRIERS
from tests.e2e.traces import Needles, files_under, personal_texts, readable, sample_needles
from tests.support.demo import Told

pytestmark = pytest.mark.e2e
NUMBER = b"11010519491231002X"


@pytest.fixture(scope="module")
def needles() -> Needles:
    return sample_needles()


def test_there_is_much_to_look_for(needles: Needles) -> None:
    assert len(needles.known) > 20_000
    assert {what.split(" ")[0] for what in needles.known.values()} >= {"name", "document_number", "address", "account"}


def found_in(needles: Needles, paths: list[Path]) -> dict[str, list[str]]:
    hits = {path.name: [hit for text in readable(path.read_bytes()) for hit in needles.search(text)] for path in paths}
    return {name: found for name, found in hits.items() if found}


def test_databases_and_key_files_hold_nobody(told: Told, needles: Needles) -> None:
    paths = files_under(told.var / "registry", *(told.var / f"custodian-{index}" for index in (1, 2, 3)))
    assert {"registry.db", "ledger.db", "2026"} <= {path.name for path in paths}
    assert found_in(needles, paths) == {}


def test_logs_hold_nobody(told: Told, needles: Needles) -> None:
    paths = files_under(told.var / "logs")
    assert {"registry.log", "custodian-1.log", "gateway-carrier-a.log"} <= {path.name for path in paths}
    assert found_in(needles, paths) == {}


def test_heads_and_receipts_of_the_log_hold_nobody(told: Told, needles: Needles) -> None:
    paths = files_under(*(told.var / carrier / "log-state" for carrier in CARRIERS))
    assert {".promise", ".tlog-proof", ".opening", ".head", ".cosigned"} <= {path.suffix for path in paths}
    assert found_in(needles, paths) == {}


def test_files_of_orders_hold_nobody_and_no_order(told: Told, needles: Needles) -> None:
    paths = [each for carrier in CARRIERS for each in (told.var / carrier).glob("orders.db*")]
    assert sum(each.read_bytes().count(b"eyJ") for each in paths) > 100
    assert found_in(needles, paths) == {}
    assert not any(b"ORD0" in each.read_bytes() for each in paths)


def test_no_request_and_no_answer_holds_anybody(told: Told, needles: Needles) -> None:
    paths = files_under(told.capture)
    seen = {path.name.partition("-")[2] for path in paths}
    servers = ("registry", "custodian-1", "custodian-2", "custodian-3")
    assert seen == {f"{server}.{side}" for server in servers for side in ("request", "response")}
    assert found_in(needles, paths) == {}


def test_what_the_carriers_wrote_down_on_the_way_holds_no_number(told: Told, needles: Needles) -> None:
    accounts = {text.encode() for name in ("carrier-a", "carrier-b", "carrier-c") for _, text in _accounts(name)}
    strangers = Needles({needle: what for needle, what in needles.known.items() if needle not in accounts})
    assert found_in(strangers, files_under(told.var / "work", told.out)) == {}


def test_what_the_command_said_holds_no_number(told: Told, needles: Needles) -> None:
    assert needles.search(told.ended.stdout.encode() + told.ended.stderr.encode()) == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "unicode_escape"])
def test_the_search_finds_what_is_planted(told: Told, needles: Needles, tmp_path: Path, encoding: str) -> None:
    address = next(text for what, text in personal_texts("carrier-b") if what == "address" and len(text) > 6)
    planted = tmp_path / "registry.db"
    database = (told.var / "registry" / "registry.db").read_bytes()
    planted.write_bytes(database[:100_000] + b"\0" + address.encode(encoding) + b"\0" + database[-100_000:])
    assert found_in(needles, [planted]) != {}


@pytest.mark.parametrize(
    "message",
    [
        b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 100 + NUMBER),
        b"POST / HTTP/1.1\r\nContent-Encoding: zstd\r\n\r\n" + zstandard.compress(b"x" * 100 + NUMBER),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n9\r\n%b\r\n9\r\n%b\r\n0\r\n\r\n"
        % (NUMBER[:9], NUMBER[9:]),
        b'HTTP/1.1 200 OK\r\n\r\n{"token":"' + base64.urlsafe_b64encode(NUMBER) + b'"}',
    ],
    ids=["gzip", "zstd", "chunked", "base64"],
)
def test_a_number_is_found_however_a_message_is_packed(message: bytes) -> None:
    assert {hit for text in readable(message) for hit in Needles({NUMBER: "planted"}).search(text)} == {"planted"}


def _accounts(name: str) -> Iterator[tuple[str, str]]:
    return ((what, text) for what, text in personal_texts(name) if what == "account")
