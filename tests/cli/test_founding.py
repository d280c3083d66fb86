"""A registry is founded on the transcript of its custodians' ceremony, or on a dealer's key: exactly one of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from protocol.encodings import b64url_encode
from registry.settings import load
from registry.usecases.ceremonies.read import read_ceremony
from registry.wiring import build_registry
from tests.support.ceremonies import first_custodians, first_held, genesis, hold, refresh
from tests.support.commands import answered, called


def state(registry: list[str], epoch: str, transcript: bytes | None) -> None:
    """Write a founding with these lines of its epoch beside a transcript."""
    founding = Path(registry[3])
    operator = founding.read_text().partition("[epoch]")[0]
    founding.write_text(f"{operator}[epoch]\n{epoch}\n")
    if transcript is not None:
        founding.with_name("transcript.json").write_bytes(transcript)


def test_a_ceremonys_transcript_founds_a_registry_whose_log_has_the_committee(
    capsys: pytest.CaptureFixture[str], registry: list[str]
) -> None:
    formed = first_held().formed
    state(registry, 'epoch = 1\ntranscript = "transcript.json"', formed.transcript)
    told = answered(capsys, "registry", "init", *registry)
    assert told["transcript_digest"] == formed.transcript_digest
    assert told["parties"] == [
        {
            "custodian": name,
            "key_id": f"{name}-1",
            "public_key": b64url_encode(each.seat(1).public_key),
        }
        for name, each in first_custodians().items()
    ]
    running = build_registry(load(Path(registry[1]), {}))
    try:
        assert read_ceremony(running, 1, 1).transcript.encode() == formed.transcript
        logged = {each.kind: json.loads(each.core) for each in running.store.read(lambda tx: tx.openings.first(10))}
    finally:
        running.store.close()
    facts: dict[str, Any] = logged["epoch.added"]["facts"]
    assert facts == {
        "epoch": 1,
        "public_key": formed.committee.joint_public_key.hex(),
        "threshold": 2,
        "custodians": 3,
    }
    assert logged["committee.formed"]["by"] == "registry"
    assert logged["committee.formed"]["facts"]["transcript_digest"] == formed.transcript_digest
    assert answered(capsys, "registry", "init", *registry)["founded"] == "before"


EPOCH = 'epoch = 1\ntranscript = "transcript.json"'
WRONG: dict[str, tuple[str, bytes | None, str]] = {
    "both forms": (f"{EPOCH}\nthreshold = 2", b"{}", "epoch.threshold is in the transcript"),
    "no file": (EPOCH, None, "epoch.transcript names no file"),
    "no transcript": (EPOCH, b"{}", "epoch.transcript proves no committee: NOT_CANONICAL"),
    "neither form": ("epoch = 1", None, "epoch.joint_public_key must be a text"),
}


@pytest.mark.parametrize("why", list(WRONG))
def test_a_founding_that_states_no_key_is_refused_by_its_line(
    capsys: pytest.CaptureFixture[str], registry: list[str], why: str
) -> None:
    epoch, transcript, complaint = WRONG[why]
    state(registry, epoch, transcript)
    code, _, err = called(capsys, "registry", "init", *registry)
    assert code == 1
    assert complaint in err


def test_a_refresh_and_another_epochs_ceremony_found_nothing(
    capsys: pytest.CaptureFixture[str], registry: list[str]
) -> None:
    refreshed = hold(refresh(first_held()), first_custodians(), former=first_held())
    other = hold(genesis(first_custodians(), 2, epoch=2), first_custodians())
    for held in (refreshed, other):
        state(registry, EPOCH, held.formed.transcript)
        code, _, err = called(capsys, "registry", "init", *registry)
        assert (code, "is not of the ceremony that made the key of this epoch" in err) == (1, True)
