"""Held rows are seen and confirmed from the command line, against a registry that listens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.api import admit_checker
from tests.support.commands import called, configured
from tests.support.take_outs import hold_rows, takes_out
from tests.support.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    admit_checker(world)
    configs = {name: configured(world, tmp_path, name) for name in ("carrier-a", "carrier-a-checker")}

    def run(*words: str, who: str = "carrier-a-checker") -> tuple[int, str, str]:
        code, out, err = called(capsys, "gateway", "take-outs", *words, "--config", str(configs[who]), "--json")
        return code, out, err

    return run


def test_a_second_person_sees_what_is_held_and_confirms_it(
    call: Callable[..., tuple[int, str, str]], world: World
) -> None:
    hold_rows(world, 30)
    code, out, _ = call("show")
    assert (code, json.loads(out)["held"]) == (0, 30)
    code, out, _ = call("confirm", "30", "--idempotency-key", "first-30")
    assert (code, json.loads(out)["confirmation"]["unused"]) == (0, 30)
    assert call("confirm", "30", "--idempotency-key", "first-30")[:2] == (code, out)
    assert takes_out(world, 30) == (30, 0)


def test_the_key_that_reported_cannot_confirm_and_says_so_in_one_line(
    call: Callable[..., tuple[int, str, str]], world: World
) -> None:
    hold_rows(world, 30)
    code, out, err = call("confirm", "30", who="carrier-a")
    assert (code, out) == (1, "")
    assert "another person, with another signing key, has to confirm" in err
    assert len(err.splitlines()) == 1


def test_no_more_is_confirmed_than_is_held(call: Callable[..., tuple[int, str, str]], world: World) -> None:
    hold_rows(world, 3)
    code, out, err = call("confirm", "4")
    assert (code, out) == (1, "")
    assert "more-than-held" in err
    assert call("confirm", "0")[0] == 2
