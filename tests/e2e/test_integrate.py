"""The page for integrators works to the letter: its commands, run one after another in the demonstration's folder."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo.processes import ROOT
from gateway.local.contract.document import contract
from tests.e2e.nights import Night, a_night

pytestmark = pytest.mark.e2e
PAGE, IN_CHINESE = (ROOT / "docs" / name for name in ("integrate.md", "integrate.zh-CN.md"))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with a_night(tmp_path_factory.mktemp("night"), serving={"carrier-b"}) as found:
        yield found


def commands(page: Path) -> list[str]:
    """The blocks that a reader runs beside `make run`."""
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_both_pages_have_the_same_commands_and_each_asks_for_its_own_language() -> None:
    in_english = [block.replace('"languages": ["zh"]', '"languages": ["en"]') for block in commands(IN_CHINESE)]
    assert commands(PAGE) == in_english != commands(IN_CHINESE)


def test_a_reader_of_the_page_reports_an_activation_and_a_file(night: Night) -> None:
    folder = night.var / "carrier-b"
    done = subprocess.run(
        ["/bin/sh", "-e"],
        input="\necho\n".join(commands(PAGE)),
        cwd=folder,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((folder / "contract.json").read_text(encoding="utf-8")) == contract()
    answers = [json.loads(line) for line in done.stdout.replace("}{", "}\n{").splitlines() if line.startswith("{")]
    decided = [each["decision"] for each in answers if "decision" in each]
    assert decided == ["ALLOW", "ALLOW"]
    [reported] = [each for each in answers if "activation_id" in each]
    assert (reported["basis"], reported["obeyed"]) == ("CHECKED", "YES")
    [_, verdict] = (folder / "verdicts.csv").read_text(encoding="utf-8").splitlines()
    assert ",RECORDED," in verdict
    assert (folder / "activation.header").stat().st_mode & 0o077 == 0
