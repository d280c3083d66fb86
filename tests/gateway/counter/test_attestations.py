"""From a file of good customers to the printed statement, and from the reference in it to the end of the consent."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.gateway import attestations as commands
from cli.main import main
from gateway.counter.attestation_words import METHODS, REPLIES, SENTENCES, STATES
from gateway.counter.statement_text import render
from gateway.counter.words import Language
from gateway.identity.documents import RawIdentity
from protocol.attestations import ConsentMethod, DemandReply, StandingDemandState
from protocol.identifiers import DocumentKind
from tests.support.attestations import allows
from tests.support.exports import resident
from tests.support.parties import Parties
from tests.support.standing import good, standing
from tests.support.world import World

PERSON = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
BODY = json.dumps({"document": {"kind": "RESIDENT_ID", "number": resident(1)}}).encode()
Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def world(world: World) -> World:
    """Under rules that allow attestations."""
    return allows(world)


@pytest.fixture
def run(parties: Parties, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command of a carrier, with the person's document on standard input; its exit code and what it printed."""
    monkeypatch.setattr("gateway.settings.load", lambda config: config.stem)
    monkeypatch.setattr(commands, "build", parties.gateway)

    def command(*words: str, who: str = "carrier-a") -> tuple[int, dict[str, Any]]:
        (tmp_path / f"{who}.toml").touch()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BODY)))
        with pytest.raises(SystemExit) as end:
            main(["gateway", *words, "--config", str(tmp_path / f"{who}.toml"), "--json"])
        out = capsys.readouterr().out
        return int(end.value.code or 0), json.loads(out) if out else {}

    return command


def test_a_consent_is_ended_by_the_reference_that_the_statement_prints(
    run: Run, parties: Parties, tmp_path: Path
) -> None:
    code, demanded = run("attestation", "demand", "--of", "carrier-a", who="carrier-b")
    assert (code, demanded["state"]) == (0, "OPEN")
    source = standing(tmp_path / "good.csv", good("A1", 1))
    code, done = run("attest", str(source), "--out", str(tmp_path / "out.csv"))
    assert (code, done["verdicts"]) == (0, {"ACCEPTED": 1})
    assert run("attestation", "demands")[1]["in_time"] == 1
    with parties.gateway("carrier-b") as other:
        said = other.statement(PERSON)
    english, chinese = render(said, Language.EN), render(said, Language.ZH)
    assert "36 months or more of bills paid in time, as of 2026-10-31; counts until 2027-09-17" in english
    assert "Carrier-A：截至 2026-10-31，连续 36 个月以上按时缴费" in chinese
    assert "2026-11-21 通过 Carrier-B 向 Carrier-A 提出，期限 2026-12-04：已出具" in chinese
    found = re.search(r"Your consent (\S{22}) to text", english)
    assert found is not None
    assert run("consent", "withdraw", who="carrier-c")[0] == 2
    assert run("consent", "withdraw", "--consent", "AAA", who="carrier-c")[0] == 2
    code, ended = run("consent", "withdraw", "--consent", found[1], who="carrier-c")
    assert (code, ended["attestations"]) == (0, 1)
    with parties.gateway("carrier-b") as other:
        assert other.statement(PERSON).attestations == ()
    code, done = run("attest", str(source), "--out", str(tmp_path / "again.csv"))
    assert (code, done["verdicts"]) == (1, {"ATT_NO_CONSENT": 1})


def test_a_carrier_takes_its_own_back_and_answers_a_demand(run: Run, tmp_path: Path) -> None:
    source = standing(tmp_path / "good.csv", good("A1", 1))
    run("attest", str(source), "--out", str(tmp_path / "out.csv"))
    [line] = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert run("attestation", "withdraw", line.split(",")[3])[1]["state"] == "WITHDRAWN"
    demanded = run("attestation", "demand", "--of", "carrier-a", who="carrier-b")[1]["demand_id"]
    answered = [run("attestation", "answer", demanded, "NO_CONSENT") for _ in range(2)]
    assert [(code, said["reply"]) for code, said in answered] == [(0, "NO_CONSENT")] * 2
    assert run("consent", "withdraw", "--all", who="carrier-c")[1]["attestations"] == 0


def test_every_word_of_an_attestation_is_there_in_both_languages() -> None:
    assert (set(METHODS), set(STATES), set(REPLIES)) == (
        set(ConsentMethod),
        set(StandingDemandState),
        set(DemandReply),
    )
    assert SENTENCES[Language.EN].keys() == SENTENCES[Language.ZH].keys()
    for words in (*METHODS.values(), *STATES.values(), *REPLIES.values()):
        assert set(words) == set(Language)
    fields = re.compile(r"\{\w+\}")
    for name, english in SENTENCES[Language.EN].items():
        assert set(fields.findall(english)) == set(fields.findall(SENTENCES[Language.ZH][name]))
