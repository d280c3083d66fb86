"""The operator's commands for witnesses against a registry that listens: admit, twice the same, list and remove."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.encodings import b64url_encode
from tests.support.commands import called
from tests.support.log_rounds import witness_key
from tests.support.registries import known
from tests.support.world import World

A, B = witness_key("a"), witness_key("b")


@pytest.fixture
def call(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, list[dict[str, Any]], str]]:
    def run(*command: str, who: str = "operator") -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, the lines that were printed as JSON, and what was said on standard error."""
        signed = ["--key", str(tmp_path / f"{who}.pem"), "--key-id", f"{who}-1"]
        code, out, err = called(capsys, "registry", "witness", *command, *known(world), *signed, "--json")
        return code, [json.loads(line) for line in out.splitlines()], err

    return run


def test_a_witness_is_admitted_once_and_listed(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]], tmp_path: Path
) -> None:
    key_file = tmp_path / "witness.pub"
    key_file.write_text(b64url_encode(A.public_key))
    assert call("list") == (0, [], "witnesses: 0\n")
    for _ in range(2):
        code, (found,), _ = call("admit", A.name, "--participant", "carrier-a", "--public-key", str(key_file))
        assert (code, found["name"], found["vkey"], found["url"]) == (0, A.name, A.vkey, None)
    fed = ("--witness-url", "https://witness.carrier-b.example")
    code, (found,), _ = call(
        "admit", B.name, "--participant", "carrier-b", "--public-key", b64url_encode(B.public_key), *fed
    )
    assert (code, found["url"]) == (0, "https://witness.carrier-b.example")
    code, listed, said = call("list")
    assert (code, [each["vkey"] for each in listed], said) == (0, [A.vkey, B.vkey], "witnesses: 2\n")


def test_a_witness_is_removed_and_stays_on_the_list(call: Callable[..., tuple[int, list[dict[str, Any]], str]]) -> None:
    key = b64url_encode(A.public_key)
    assert call("admit", A.name, "--participant", "carrier-a", "--public-key", key)[1][0]["removed_at"] is None
    code, (gone,), _ = call("remove", A.name)
    assert (code, gone["name"], gone["removed_at"] is None) == (0, A.name, False)
    assert call("remove", A.name)[1] == [gone]
    assert call("list")[1] == [gone]
    code, _, said = call("admit", A.name, "--participant", "carrier-a", "--public-key", b64url_encode(B.public_key))
    assert (code, said) == (1, "clearline: the registry refused: already-exists (409)\n")
    assert call("remove", "nobody.example") == (1, [], "clearline: the registry refused: not-found (404)\n")


def test_what_the_registry_refuses_is_one_line_and_exit_code_1(
    call: Callable[..., tuple[int, list[dict[str, Any]], str]],
) -> None:
    key = b64url_encode(A.public_key)
    assert call("admit", "none", "--participant", "carrier-a", "--public-key", key) == (
        1,
        [],
        "clearline: the registry refused: invalid-field (422) [name: invalid]\n",
    )
    code, _, said = call("admit", A.name, "--participant", "carrier-a", "--public-key", key, who="regulator")
    assert (code, said) == (1, "clearline: the registry refused: role-missing (403)\n")
