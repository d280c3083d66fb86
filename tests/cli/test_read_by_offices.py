"""An auditor's readings are found by `clearline audit entries`, under the ids that their signed answers named."""

import datetime as dt
import json
import os
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from client.peer import ReadingContext, SignedPeer, Signer
from client.registry import RegistryClient
from crypto.signing.keys import public_bytes, save_private_key
from protocol.codes import Role
from protocol.encodings import b64url_encode
from protocol.readings import ReadingPurpose
from tests.support.api import admit
from tests.support.builders import a_report
from tests.support.commands import called, configured
from tests.support.log_rounds import integrator
from tests.support.loopback import NO_TLS
from tests.support.overseen import owed_and_paid
from tests.support.registries import known
from tests.support.stories import lists
from tests.support.world import World


@pytest.fixture
def paths(world: World) -> dict[str, str]:
    """Something to read: records, and the cases and payments that belong to them."""
    admit(world, "auditor", Role.AUDITOR)
    today = world.clock().date()
    report = a_report("ann", "A1", due_date=today - dt.timedelta(days=200), notice_date=today - dt.timedelta(days=150))
    record_id = lists(world, "carrier-a", report).record_id
    lists_of_offices = ("/v1/oversight/records", "/v1/red-list", "/v1/rebuttals", "/v1/disputes")
    return owed_and_paid(world) | {"readRecord": f"/v1/records/{record_id}"} | {path: path for path in lists_of_offices}


def named_entries(world: World, paths: dict[str, str]) -> list[str]:
    """Read everything as the auditor; the ids that the signed answers named."""
    named: list[UUID] = []
    signer = Signer(key_id="auditor-1", private_key=world.signing_keys["auditor"], clock=world.clock, random=os.urandom)
    with httpx.Client(trust_env=False, verify=NO_TLS) as http:
        registry = RegistryClient(
            SignedPeer(world.registry.public_url, http, signer),
            signer,
            key_id="registry-1",
            public_key=public_bytes(world.signing_keys["registry"]),
            attempts=1,
            monotonic=lambda: 0.0,
            sleep=lambda seconds: None,
            reading=ReadingContext(purpose=ReadingPurpose.SUPERVISION),
            on_entry=named.append,
        )
        for path in paths.values():
            world.clock.forward(seconds=0.01)
            registry.get_bytes(path)
    return [str(each) for each in named]


def test_each_reading_is_found_among_the_entries_under_the_id_that_the_answer_named(
    world: World, paths: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = named_entries(world, paths)
    assert len(set(named)) == len(paths)
    assert integrator(world, tmp_path).round().faults == ()
    save_private_key(world.signing_keys["auditor"], tmp_path / "auditor.pem")
    year = world.clock().year
    words = ["audit", "entries", "--log-url", f"{world.registry.public_url}/log/{year}", "--json"]
    words += ["--vkey", world.registry.log.key(year).vkey, "--key", str(tmp_path / "auditor.pem")]
    words += ["--key-id", "auditor-1", "--registry-key-id", "registry-1", "--kind", "oversight.read"]
    words += ["--registry-key", b64url_encode(public_bytes(world.signing_keys["registry"]))]
    # The world was made without signed requests, which the command reports; each line that it prints is proved.
    _, out, err = called(capsys, *words)
    found = {each["id"]: each for each in map(json.loads, out.splitlines())}
    assert "the lines that were printed are proved" in err
    assert set(found) == set(named)
    assert {each["by"] for each in found.values()} == {"auditor"}
    assert {each["facts"]["purpose"] for each in found.values()} == {"SUPERVISION"}


def test_a_command_tells_the_entry_beside_its_result(
    world: World, paths: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_private_key(world.signing_keys["auditor"], tmp_path / "auditor.pem")
    signed = [*known(world), "--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1", "--json"]
    record_id = paths["readRecord"].rpartition("/")[2]
    for words in (
        ("records", "list", "--state", "ACTIVE", "--due-from", "2020-01-01"),
        ("records", "show", record_id),
        ("settlements", "list", "--creditor", "carrier-a"),
        ("settlements", "show", paths["readSettlement"].rpartition("/")[2]),
        ("plans", "list", "--state", "RUNNING"),
        ("plans", "show", paths["readPlan"].rpartition("/")[2]),
        ("transfers", "list", "--party", "carrier-b"),
        ("transfers", "show", paths["readTransfer"].rpartition("/")[2]),
        ("reversals", "show", paths["readReversal"].rpartition("/")[2]),
        ("collections", "show", paths["readCollection"].rpartition("/")[2]),
        ("net-statements", "show", f"{world.clock():%Y-%m}", "carrier-a", "carrier-b"),
        ("red-list", "list"),
        ("rebuttal", "list"),
    ):
        code, out, err = called(capsys, "registry", *words, *signed)
        assert code == 0, (words, err)
        assert json.loads(out), words
        assert err.startswith("log entry: "), words


def test_a_carrier_lists_what_it_sent_and_what_it_is_asked_for(
    world: World, paths: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(configured(world, tmp_path, "carrier-a"))
    settlement_id = paths["readSettlement"].rpartition("/")[2]
    found = {}
    for noun in ("batches", "demands", "settlements"):
        code, out, err = called(capsys, "gateway", noun, "list", "--config", config, "--json")
        assert (code, err) == (0, "")
        found[noun] = json.loads(out)[noun]
    assert (found["batches"], found["demands"]) == ([], [])
    assert settlement_id in [each["settlement_id"] for each in found["settlements"]]
