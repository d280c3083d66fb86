"""`clearline audit ceremony`: a transcript is checked from its bytes, and beside the log of a registry that listens."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.signing.keys import save_private_key
from crypto.tlog.keys import SignatureKind, VerifierKey
from crypto.tlog.policy import Policy
from crypto.tlog.quorum import Quorum
from protocol.encodings import b64url_encode
from tests.support.ceremonies import Held, first_custodians, first_held, hold, refresh
from tests.support.commands import called
from tests.support.committees import admit_custodians, reported
from tests.support.log_rounds import integrator, witness_key
from tests.support.registries import key_of
from tests.support.world import World


def kept(held: Held, folder: Path) -> str:
    path = folder / f"{held.formed.ceremony[:8]}.json"
    path.write_bytes(held.formed.transcript)
    return str(path)


def refreshed() -> Held:
    return hold(refresh(first_held()), first_custodians(), former=first_held())


def at_the_log(world: World, folder: Path, **changes: str) -> list[str]:
    """The options by which carrier-b asks for the entry."""
    year = world.clock().year
    save_private_key(world.signing_keys["carrier-b"], folder / "carrier-b.pem")
    options = {
        "--log-url": f"{world.registry.public_url}/log/{year}",
        "--vkey": world.registry.log.key(year).vkey,
        "--key": str(folder / "carrier-b.pem"),
        "--key-id": "carrier-b-1",
        "--registry-key-id": "registry-1",
        **changes,
    }
    return [word for option in options.items() for word in option] + key_of(world)


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    code, out, err = called(capsys, "audit", "ceremony", *words, "--json")
    return code, json.loads(out) if out else {}, err


def test_a_file_alone_says_who_holds_which_share(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    formed = first_held().formed
    code, told, _ = checked(capsys, kept(first_held(), tmp_path))
    assert (code, told["kind"], told["epoch"], told["committee"], told["threshold"]) == (0, "GENESIS", 1, 1, 2)
    assert [(each["index"], each["custodian"], each["share_public_key"]) for each in told["members"]] == [
        (each.index, each.custodian, b64url_encode(each.share_public_key)) for each in formed.committee.members
    ]
    assert told["joint_public_key"] == b64url_encode(formed.committee.joint_public_key)
    assert "former_digest" not in told
    code, told, _ = checked(capsys, kept(refreshed(), tmp_path))
    assert (code, told["kind"], told["former_digest"]) == (0, "REFRESH", formed.committee_digest)


def test_a_file_that_proves_nothing_ends_with_its_reason(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = kept(first_held(), tmp_path)
    transcript = Path(path).read_bytes()
    for bad, why in ((transcript + b"\n", "NOT_CANONICAL"), (transcript.replace(b'"epoch":1', b'"epoch":2'), "OTHER")):
        Path(path).write_bytes(bad)
        code, told, err = checked(capsys, path)
        assert (code, told, f": {why}" in err) == (1, {}, True), err


def test_a_logged_committee_is_proved_under_the_logs_key_to_any_participant(
    capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    admit_custodians(world)
    entry_id = reported(world, first_held())["log_entry_id"]
    assert integrator(world, tmp_path).round().faults == ()
    code, told, err = checked(capsys, kept(first_held(), tmp_path), *at_the_log(world, tmp_path))
    assert (code, told["entry"], told["by"], told["grade"]) == (0, entry_id, "custodian-1", "integrated"), err
    assert 0 <= told["logged_at_index"] < told["size"]


def test_a_committee_that_is_not_logged_or_not_that_one_fails(
    capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    admit_custodians(world)
    options = at_the_log(world, tmp_path)
    code, _, err = checked(capsys, kept(first_held(), tmp_path), *options)
    assert (code, "not-logged: the registry has no committee 1" in err) == (1, True), err
    reported(world, first_held())
    code, _, err = checked(capsys, kept(first_held(), tmp_path), *options)
    assert (code, "receipt-pending" in err) == (1, True), err
    taken, fork = refreshed(), refreshed()
    reported(world, taken)
    assert integrator(world, tmp_path).round().faults == ()
    code, told, err = checked(capsys, kept(fork, tmp_path), *options)
    assert (code, told) == (1, {})
    assert "entry-differs" in err
    assert "committee_digest, members, transcript_digest" in err


def test_a_head_under_another_key_proves_nothing(
    capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    admit_custodians(world)
    reported(world, first_held())
    assert integrator(world, tmp_path).round().faults == ()
    name = world.registry.log.key(world.clock().year).name
    other = VerifierKey(name=name, kind=SignatureKind.NOTE, public_key=first_held().formed.canary)
    options = at_the_log(world, tmp_path, **{"--vkey": other.vkey})
    code, told, err = checked(capsys, kept(first_held(), tmp_path), *options)
    assert (code, told) == (1, {}), err


def test_a_head_that_no_witness_cosigned_is_not_enough_for_a_policy(
    capsys: pytest.CaptureFixture[str], world: World, tmp_path: Path
) -> None:
    admit_custodians(world)
    reported(world, first_held())
    assert integrator(world, tmp_path).round().faults == ()
    log, witness = world.registry.log.key(world.clock().year), witness_key("a")
    options = [*at_the_log(world, tmp_path), "--policy", str(tmp_path / "policy"), "--faults", "0"]
    for policy, why in (
        (log, "receipt-pending"),
        (replace(log, public_key=witness_key("b").public_key), "policy-foreign"),
    ):
        quorum = Quorum(witnesses=(witness,), threshold=1, faults=0)
        (tmp_path / "policy").write_bytes(Policy(logs=(policy,), quorum=quorum).encode())
        code, told, err = checked(capsys, kept(first_held(), tmp_path), *options)
        assert (code, told, why in err) == (1, {}, True), err


@pytest.mark.parametrize("words", [("--log-url", "http://127.0.0.1:9/log/2026"), ("--faults", "1")])
def test_half_of_the_options_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, str]
) -> None:
    assert checked(capsys, kept(first_held(), tmp_path), *words)[0] == 2
