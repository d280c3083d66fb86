"""A quote on the command line: a line for each creditor and debt, or one JSON object."""

import json
from pathlib import Path

import pytest

from cli.main import main
from tests.support.builders import a_report, tokens
from tests.support.commands import configured
from tests.support.stories import asks, lists
from tests.support.world import World


def test_a_quote_is_printed_a_line_for_each_creditor_and_each_debt(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("A1", "A2"):
        lists(world, "carrier-c", a_report("li", number))
    quote = asks(world, "carrier-a", tokens("li")).quote
    assert quote is not None
    words = ["gateway", "quote", quote.reference, "--config", str(configured(world, tmp_path, "carrier-a"))]

    def printed(*more: str) -> str:
        with pytest.raises(SystemExit) as end:
            main([*words, *more])
        assert end.value.code == 0
        return capsys.readouterr().out

    told = printed().splitlines()
    place = told.index("creditors:")
    assert "creditor_name Carrier-C  how_to_pay Pay at any counter of carrier-c" in told[place + 1]
    assert "records 2" in told[place + 1]
    assert told[place + 2] == "lines:"
    assert len(told) == place + 5
    document = json.loads(printed("--json"))
    assert (document["records"], len(document["creditors"]), len(document["lines"])) == (2, 1, 2)
