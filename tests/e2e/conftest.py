"""One demonstration on the sample of today, whose traces several tests look at."""

import pytest

from tests.e2e.running import not_around_midnight, run
from tests.support.demo import Told


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """`clearline demo --once --capture`, run once for all tests."""
    not_around_midnight()
    home = tmp_path_factory.mktemp("demo")
    var, out, capture = home / "var", home / "out", home / "capture"
    ended = run("demo", "--once", "--var", str(var), "--out", str(out), "--capture", str(capture))
    return Told(var=var, out=out, capture=capture, ended=ended)
