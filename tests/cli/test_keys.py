"""The operator's commands for keys against a registry that listens: add, revoke, list, and a key for itself."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.signing.keys import generate_signing_key, public_bytes, save_private_key
from protocol.encodings import b64url_encode
from protocol.problems import Problem, Refusal
from registry.usecases.participants.recover_operator import recover_operator
from tests.support.commands import called
from tests.support.registries import known
from tests.support.world import World

KEY = public_bytes(generate_signing_key(os.urandom))
TEXT = b64url_encode(KEY)


@pytest.fixture
def call(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    def run(*command: str, who: str = "operator", key_id: str = "operator-1") -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, the lines that were printed as JSON, and what was said on standard error."""
        signed = ["--key", str(tmp_path / f"{who}.pem"), "--key-id", key_id]
        code, out, err = called(capsys, "registry", "key", *command, *known(world), *signed, "--json")
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def good(listed: list[dict[str, Any]]) -> list[str]:
    return [each["key_id"] for each in listed if each["revoked_at"] is None]


def test_a_second_key_stands_beside_the_first_until_that_is_revoked(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]],
) -> None:
    for _ in range(2):
        code, (added,), _ = call("add", "carrier-a", "carrier-a-2", "--public-key", TEXT)
        assert (code, added["key_id"], added["public_key"], added["revoked_at"]) == (0, "carrier-a-2", TEXT, None)
    assert good(call("list", "carrier-a")[1]) == ["carrier-a-1", "carrier-a-2"]
    for _ in range(2):
        code, (gone,), _ = call("revoke", "carrier-a", "carrier-a-1")
        assert (code, gone["key_id"], gone["revoked_at"] is None) == (0, "carrier-a-1", False)
    assert good(call("list", "carrier-a")[1]) == ["carrier-a-2"]


def test_a_revoked_key_is_not_shown_as_added_when_the_first_command_is_repeated(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]],
) -> None:
    call("add", "carrier-a", "carrier-a-2", "--public-key", TEXT)
    call("revoke", "carrier-a", "carrier-a-2")
    code, out, said = call("add", "carrier-a", "carrier-a-2", "--public-key", TEXT)
    assert (code, out, said.startswith("clearline: key-revoked: ")) == (1, [], True)


def test_a_stolen_key_comes_back_under_no_other_name(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]], world: World
) -> None:
    stolen = b64url_encode(public_bytes(world.signing_keys["carrier-a"]))
    for holder in ("carrier-a", "carrier-b"):  # nor does one key pass for two people or two carriers
        code, _, said = call("add", holder, f"{holder}-9", "--public-key", stolen)
        assert (code, said) == (1, "clearline: the registry refused: invalid-field (422) [public_key: key-known]\n")
    assert call("revoke", "carrier-b", "carrier-a-1")[0] == 1
    assert call("add", "carrier-a", "carrier-b-1", "--public-key", TEXT)[2].endswith("already-exists (409)\n")


def test_the_operator_cannot_revoke_its_own_last_key(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]], tmp_path: Path
) -> None:
    code, _, said = call("revoke", "operator", "operator-1")
    assert (code, said) == (1, "clearline: the registry refused: edge-not-allowed (409)\n")
    new = generate_signing_key(os.urandom)
    save_private_key(new, tmp_path / "operator-2.pem")
    assert call("add", "operator", "operator-2", "--public-key", b64url_encode(public_bytes(new)))[0] == 0
    assert call("revoke", "operator", "operator-1", who="operator-2", key_id="operator-2")[0] == 0
    assert call("list", "operator")[2] == "clearline: the registry refused: key-unknown (401)\n"


def test_every_participants_keys_are_listed_for_whoever_asks(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]],
) -> None:
    code, listed, _ = call("list", who="regulator", key_id="regulator-1")
    holders = [each["participant_id"] for each in listed]
    assert (code, holders) == (0, ["carrier-a", "carrier-b", "carrier-c", "operator", "regulator"])


def test_only_the_operator_adds_and_revokes(call: Callable[..., tuple[int, list[dict[str, Any]], str]]) -> None:
    for command in (("add", "carrier-a", "x", "--public-key", TEXT), ("revoke", "carrier-a", "carrier-a-1")):
        code, _, said = call(*command, who="regulator", key_id="regulator-1")
        assert (code, said) == (1, "clearline: the registry refused: role-missing (403)\n")


def test_on_its_own_machine_the_registry_gives_an_operator_a_new_key_and_revokes_the_others(
    world: World, call: Callable[..., tuple[int, list[dict[str, Any]], str]]
) -> None:
    for _ in range(2):
        assert recover_operator(world.registry, "operator", key_id="operator-2", public_key=KEY) == ("operator-1",)
    keys = world.registry.store.read(lambda tx: tx.participants.keys("operator"))
    assert [(each.key_id, each.revoked_at is None) for each in keys] == [("operator-1", False), ("operator-2", True)]
    assert call("list", "operator")[2] == "clearline: the registry refused: key-unknown (401)\n"


@pytest.mark.parametrize(
    ("who", "key_id", "problem"),
    [
        ("carrier-a", "carrier-a-9", Problem.EDGE_NOT_ALLOWED),
        ("nobody", "nobody-1", Problem.NOT_FOUND),
        ("operator", "carrier-a-1", Problem.ALREADY_EXISTS),
        ("operator", "operator-1", Problem.ALREADY_EXISTS),
    ],
)
def test_nobody_but_an_operator_is_recovered(world: World, who: str, key_id: str, problem: Problem) -> None:
    with pytest.raises(Refusal) as refused:
        recover_operator(world.registry, who, key_id=key_id, public_key=KEY)
    assert refused.value.problem is problem
    keys = world.registry.store.read(lambda tx: tx.participants.keys("operator"))
    assert [each.revoked_at for each in keys] == [None]
