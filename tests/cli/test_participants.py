"""The command that lists participants, against a registry that listens."""

import json
from pathlib import Path

import pytest

from tests.support.commands import called
from tests.support.registries import known
from tests.support.world import World


def test_every_participant_is_listed_with_its_roles_and_good_keys(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = ["--key", str(tmp_path / "operator.pem"), "--key-id", "operator-1"]
    code, out, err = called(capsys, "registry", "participants", "list", *known(world), *signed, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    names = [each["participant_id"] for each in told]
    assert (code, names, err) == (0, sorted(names), f"participants: {len(names)}\n")
    assert {"carrier-a", "operator"} <= set(names)
    code, out, _ = called(capsys, "registry", "participants", "list", *known(world), *signed)
    (line,) = (each for each in out.splitlines() if each.startswith("participant_id carrier-a "))
    assert (code, "roles INQUIRER, REPORTER" in line, "keys carrier-a-1" in line) == (0, True, True)
    assert len(out.splitlines()) == len(names)
