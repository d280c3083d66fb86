"""Taking money for another carrier, answering for it, and the month's statement, from the command line."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from protocol.beijing import beijing_date
from protocol.encodings import format_time
from tests.support.builders import a_report, tokens
from tests.support.commands import called, configured
from tests.support.counters import quote_for
from tests.support.stories import lists
from tests.support.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    configs = {name: configured(world, tmp_path, name) for name in ("carrier-a", "carrier-b")}
    counter = configs["carrier-b"]
    counter.write_text(counter.read_text().replace('id = "carrier-a"', 'id = "carrier-b"'))

    def run(*words: str, who: str) -> tuple[int, Any, str]:
        code, out, err = called(capsys, "gateway", *words, "--config", str(configs[who]))
        return code, json.loads(out) if "--json" in words else out, err

    return run


def test_a_quote_is_collected_confirmed_and_stands_in_the_month(
    call: Callable[..., tuple[int, Any, str]], world: World, tmp_path: Path
) -> None:
    lists(world, "carrier-a", a_report())
    quote = quote_for(world, "carrier-b", tokens("debtor"))
    yuan = f"{quote.total_fen // 100}.{quote.total_fen % 100:02}"
    at = ("--collected-at", format_time(world.clock.now))
    code, receipt, _ = call("collect", quote.reference, yuan, *at, "--json", who="carrier-b")
    assert (code, len(receipt["clearances"])) == (0, 1)
    assert call("collect", quote.reference, yuan, *at, "--json", who="carrier-b")[1] == receipt
    code, _, err = call("collect", quote.reference, yuan, who="carrier-b")
    assert (code, "edge-not-allowed" in err) == (1, True)

    saved = tmp_path / "clearance.jws"
    saved.write_text(receipt["clearances"][0]["clearance"])
    keys = str(tmp_path / "public-keys.json")
    call("public-keys", "carrier-b", "--out", keys, who="carrier-a")
    with pytest.raises(SystemExit) as end:
        main(["gateway", "verify-clearance", str(saved), "--keys", keys, "--json"])
    assert not end.value.code

    collection = receipt["collections"][0]["collection_id"]
    code, _, err = call("answer-collection", collection, "REFUSED", who="carrier-a")
    assert (code, "reason" in err) == (1, True)
    answered = call("answer-collection", collection, "CONFIRMED", "--json", who="carrier-a")[1]
    assert answered["state"] == "CONFIRMED"

    month = f"{beijing_date(world.clock.now):%Y-%m}"
    code, statement, _ = call("net-statement", month, "carrier-b", "--json", who="carrier-a")
    assert (code, statement["net"]["payer"], statement["net"]["amount_fen"]) == (0, "carrier-b", quote.total_fen)
    code, table, _ = call("net-statement", month, "carrier-b", "--csv", who="carrier-a")
    assert [row[0] for row in csv.reader(io.StringIO(table))] == ["collection_id", collection]


@pytest.mark.parametrize("month", ["2026-13", "11/2026", "2026"])
def test_what_is_no_month_is_a_mistake_of_use(call: Callable[..., tuple[int, Any, str]], month: str) -> None:
    code, _, err = call("net-statement", month, "carrier-b", who="carrier-a")
    assert (code, "not a month, as 2026-11 is" in err) == (2, True)


def test_a_reference_that_begins_with_a_dash_is_a_reference(call: Callable[..., tuple[int, Any, str]]) -> None:
    for words in (("quote", "-E0123456789abcdef"), ("collect", "-E0123456789abcdef", "1.00")):
        code, _, err = call(*words, who="carrier-b")
        assert (code, "not-found" in err) == (1, True)


@pytest.mark.parametrize("words", [("1,5x",), ("0.001",), ("1.00", "--collected-at", "yesterday")])
def test_what_is_no_amount_or_no_time_is_a_mistake_of_use(
    call: Callable[..., tuple[int, Any, str]], words: tuple[str, ...]
) -> None:
    assert call("collect", "0123456789abcdef", *words, who="carrier-b")[0] == 2
