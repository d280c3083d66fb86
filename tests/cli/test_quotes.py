"""A quote on the command line: a line for each creditor and debt, or one JSON object."""

import json
from pathlib import Path

import click
import pytest

from cli.gateway.collected import collect
from cli.gateway.quotes import quote
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
    made = asks(world, "carrier-a", tokens("li")).quote
    assert made is not None
    words = ["gateway", "quote", made.reference, "--config", str(configured(world, tmp_path, "carrier-a"))]

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


REFERENCES = ["-hAbCdEfGhIjKlMnOpQrSt", "-AbChEfGhIjKlMnOpQrSth", "--h_dEfGhIjKlMnOpQrSt"]


@pytest.mark.parametrize(("command", "more"), [(quote, []), (collect, ["100"])], ids=["quote", "collect"])
@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_that_looks_like_an_option_is_a_reference(
    command: click.Command, more: list[str], reference: str, tmp_path: Path
) -> None:
    config = tmp_path / "gateway.toml"
    config.touch()
    context = command.make_context("command", [reference, *more, "--config", str(config)])
    assert reference in context.params.values()
