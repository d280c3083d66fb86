"""A creditor answers and an adjudicator decides from the command line, against a registry that listens."""

import json
from pathlib import Path

import pytest

from crypto.signing.keys import save_private_key
from protocol.codes import DisputeGround, Role
from protocol.messages.disputes import DisputeFiling
from registry.usecases.disputes.open import open_dispute
from tests.support.api import admit
from tests.support.builders import a_report, tokens
from tests.support.commands import configured, run
from tests.support.registries import known
from tests.support.stories import lists
from tests.support.world import World


@pytest.fixture
def dispute_id(world: World) -> str:
    lists(world, "carrier-a", a_report("wang"))
    filing = DisputeFiling(tokens=tokens("wang"), ground=DisputeGround.NO_NOTICE)
    outcome = open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing)
    return str(json.loads(outcome.body)["disputes"][0]["dispute_id"])


def test_documents_of_a_case_are_added_listed_and_read(
    world: World, tmp_path: Path, dispute_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(configured(world, tmp_path, "carrier-a"))]
    (tmp_path / "contract.pdf").write_bytes(b"%PDF-1.7 the contract")
    words = ("gateway", "dispute")
    added = run(
        capsys, *words, "add-document", dispute_id, str(tmp_path / "contract.pdf"), "--side", "CREDITOR", *config
    )
    assert added[0] == 0
    document_id = added[1]["document_id"]
    assert run(capsys, *words, "documents", dispute_id, *config)[1]["document_id"] == document_id
    assert run(capsys, *words, "list", "--state", "OPEN", *config)[1]["dispute_id"] == dispute_id
    out = tmp_path / "read.pdf"
    assert run(capsys, *words, "read-document", dispute_id, document_id, "--out", str(out), *config)[0] == 0
    assert out.read_bytes() == b"%PDF-1.7 the contract"
    admit(world, "court", Role.ADJUDICATOR)
    save_private_key(world.signing_keys["court"], tmp_path / "court.pem")
    signed = [*known(world), "--key", str(tmp_path / "court.pem"), "--key-id", "court-1"]
    code, page = run(capsys, "registry", "dispute", "list", "--state", "OPEN", *signed)
    assert (code, [each["dispute_id"] for each in page["disputes"]]) == (0, [dispute_id])
    code, listed = run(capsys, "registry", "dispute", "documents", dispute_id, *signed)
    assert [each["document_id"] for each in listed["documents"]] == [document_id]
    judged = tmp_path / "judged.pdf"
    code, facts = run(
        capsys, "registry", "dispute", "read-document", dispute_id, document_id, "--out", str(judged), *signed
    )
    assert (code, facts["side"], judged.read_bytes()) == (0, "CREDITOR", out.read_bytes())


def test_a_case_is_answered_shown_and_decided(
    world: World, tmp_path: Path, dispute_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", str(configured(world, tmp_path, "carrier-a"))]
    for _ in range(2):
        code, case = run(capsys, "gateway", "dispute", "answer", dispute_id, "NOTICE_SHOWN", *config)
        assert (code, case["state"]) == (0, "ANSWERED")
    code, case = run(capsys, "gateway", "dispute", "show", dispute_id, *config)
    assert (code, case["answer"]) == (0, "NOTICE_SHOWN")
    admit(world, "court", Role.ADJUDICATOR)
    save_private_key(world.signing_keys["court"], tmp_path / "court.pem")
    signed = [*known(world), "--key", str(tmp_path / "court.pem"), "--key-id", "court-1"]
    for _ in range(2):
        code, case = run(capsys, "registry", "dispute", "decide", dispute_id, "UPHOLD", *signed)
        assert (code, case["outcome"]) == (0, "UPHELD")
    assert run(capsys, "registry", "dispute", "decide", dispute_id, "VOID", *signed) == (1, None)
