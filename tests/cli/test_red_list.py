"""The commands of the red list against a registry that listens: approve, show, revoke, each safe to repeat."""

import datetime as dt
import json
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.beijing import beijing_date
from protocol.codes import RedListGround
from protocol.messages.red_list import RedListProposal
from registry.usecases.red_list.propose import propose_red_list
from tests.support.builders import tokens
from tests.support.commands import called
from tests.support.registries import key_of
from tests.support.world import World


@pytest.fixture
def entry_id(world: World) -> str:
    proposal = RedListProposal(
        tokens=tokens("hospital"),
        organisation=True,
        ground=RedListGround.HOSPITAL,
        expires_on=beijing_date(world.clock.now) + dt.timedelta(days=100),
    )
    outcome = propose_red_list(world.registry, world.actor("carrier-a"), world.call(), proposal)
    return str(json.loads(outcome.body)["entry_id"])


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    def run(
        command: str, entry_id: str, who: str, *, key: str | None = None, url: str | None = None
    ) -> tuple[int, Any, str]:
        """Exit code, what was printed as JSON, and the line on standard error."""
        where = ["--url", url or world.registry.public_url, *key_of(world)]
        signed = ["--key", str(tmp_path / f"{who}.pem"), "--key-id", key or f"{who}-1"]
        code, out, err = called(capsys, "registry", "red-list", command, entry_id, *where, *signed, "--json")
        return code, json.loads(out) if out else None, err

    return run


def test_two_approve_the_list_shows_it_and_one_revokes(
    call: Callable[..., tuple[int, Any, str]], entry_id: str
) -> None:
    for who, state in (("operator", "PROPOSED"), ("operator", "PROPOSED"), ("regulator", "EFFECTIVE")):
        code, entry, _ = call("approve", entry_id, who)
        assert (code, entry["state"]) == (0, state)
    code, entry, _ = call("show", entry_id, "regulator")
    assert (code, entry["ground"], len(entry["approvals"])) == (0, "HOSPITAL", 2)
    for _ in range(2):
        code, entry, _ = call("revoke", entry_id, "regulator")
        assert (code, entry["state"]) == (0, "REVOKED")


def test_what_the_registry_refuses_is_one_line_and_exit_code_1(
    call: Callable[..., tuple[int, Any, str]], entry_id: str
) -> None:
    code, entry, err = call("approve", str(uuid.UUID(int=7)), "operator")
    assert (code, entry) == (1, None)
    assert err == "clearline: the registry refused: not-found (404)\n"
    code, _, err = call("revoke", entry_id, "operator", key="regulator-1")
    assert code == 1
    assert "signature-invalid" in err


def test_a_registry_that_is_away_is_exit_code_3(call: Callable[..., tuple[int, Any, str]], entry_id: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    code, _, err = call("show", entry_id, "operator", url=f"http://127.0.0.1:{port}")
    assert code == 3
    assert "not reachable" in err
