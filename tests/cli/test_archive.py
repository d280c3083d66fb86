"""A regulator orders and an auditor opens from the command line, against a registry that listens."""

from pathlib import Path

import pytest

from crypto.signing.keys import save_private_key
from protocol.codes import Role
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.clock.confirm_clock import confirm_clock
from tests.support.api import admit
from tests.support.builders import a_report
from tests.support.clocks import a_word
from tests.support.commands import run
from tests.support.registries import known
from tests.support.stories import lists
from tests.support.world import World


def test_a_record_is_frozen_by_a_paper_discharged_and_opened_from_the_archive(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record_id = str(lists(world, "carrier-a", a_report("wang")).record_id)
    paper = tmp_path / "order.pdf"
    paper.write_bytes(b"%PDF-1.7 in the name of the law")
    signed = [*known(world), "--key", str(tmp_path / "regulator.pem"), "--key-id", "regulator-1"]
    for _ in range(2):
        code, record = run(capsys, "registry", "order", record_id, "FREEZE", "--paper", str(paper), *signed)
        assert (code, record["state"]) == (0, "FROZEN")
    code, record = run(capsys, "registry", "order", record_id, "DISCHARGE", "--paper", str(paper), *signed)
    assert (code, record["state"]) == (0, "DISCHARGED")
    assert run(capsys, "registry", "archive", record_id, *signed) == (1, None)
    world.clock.forward(days=200)
    assert seal_records(world.registry) == 1
    world.clock.forward(days=-200)
    confirm_clock(world.registry, a_word(world, world.clock.now))
    code, opened = run(capsys, "registry", "archive", record_id, *signed)
    assert (code, opened["state"]) == (0, "DISCHARGED")


def test_an_adjudicator_voids_a_record_by_its_finding(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record_id = str(lists(world, "carrier-a", a_report("wang")).record_id)
    (tmp_path / "finding.pdf").write_bytes(b"%PDF-1.7 the document was stolen")
    admit(world, "court", Role.ADJUDICATOR)
    save_private_key(world.signing_keys["court"], tmp_path / "court.pem")
    signed = [*known(world), "--key", str(tmp_path / "court.pem"), "--key-id", "court-1"]
    for _ in range(2):
        words = ("registry", "void", record_id, "--paper", str(tmp_path / "finding.pdf"))
        code, record = run(capsys, *words, *signed)
        assert (code, record["state"]) == (0, "VOID_IDENTITY_THEFT")
