"""One demonstration on the committed sample, whose traces several tests look at."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.running import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a finished demonstration left behind."""

    var: Path
    out: Path
    capture: Path
    ended: "subprocess.CompletedProcess[str]"


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """`clearline demo --once --capture`, run once for all tests."""
    home = tmp_path_factory.mktemp("demo")
    var, out, capture = home / "var", home / "out", home / "capture"
    ended = run("demo", "--once", "--var", str(var), "--out", str(out), "--capture", str(capture))
    return Told(var=var, out=out, capture=capture, ended=ended)
