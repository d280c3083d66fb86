"""The sandbox answers each of its identities as its page says, and a reset brings all of them back."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.demo.identities import ASKER, IDENTITIES, Act, Identity, Way
from cli.demo.processes import ROOT
from cli.demo.state import read_state
from cli.demo.tokens import bearer
from gateway.local.tokens import Scope
from protocol.codes import DecisionCode
from tests.e2e.running import run_here, start
from tests.support.loopback import NO_TLS

pytestmark = pytest.mark.e2e
PAGE, IN_CHINESE = (ROOT / "docs" / name for name in ("sandbox.md", "sandbox.zh-CN.md"))
REASONS = {DecisionCode.REVIEW: "REVIEWED", DecisionCode.VERIFY_ID: "VERIFIED"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A running sandbox, and the local service of the carrier that tries it out."""

    var: Path
    http: httpx.Client

    def post(self, path: str, body: dict[str, Any], scope: Scope = Scope.CHECK) -> httpx.Response:
        headers = {"Content-Type": "application/json", **bearer(self.var / ASKER, scope)}
        return self.http.post(path, content=json.dumps(body), headers=headers)

    def body(self, identity: Identity) -> dict[str, Any]:
        """The body that lies ready for an identity."""
        document: dict[str, Any] = json.loads((self.var / "identities" / f"{identity.name}.json").read_bytes())
        return document


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox, with the settings' variables of nobody."""
    var = tmp_path / "sandbox"
    process = start(["demo", "--sandbox", "--var", str(var)])
    try:
        said = ""
        while "Serving until Ctrl-C" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        assert all(each.number in said for each in IDENTITIES)
        addresses = read_state(var, relayed=False)
        assert addresses is not None
        with httpx.Client(
            base_url=addresses.gateways[ASKER].local_url, timeout=30, trust_env=False, verify=NO_TLS
        ) as http:
            yield Sandbox(var=var, http=http)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def commands(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def asked(here: Sandbox, identity: Identity) -> dict[str, Any]:
    """Check an identity, and hold the answer to the table."""
    response = here.post("/check", here.body(identity))
    answer: dict[str, Any] = response.json()
    if identity.decision is None:
        assert (response.status_code, answer["errors"]) == (
            422,
            [{"field": "document.number", "code": identity.fault}],
        ), identity.name
        assert identity.number not in response.text
        return answer
    check_answer(identity, answer)
    return answer


def check_answer(identity: Identity, answer: dict[str, Any]) -> None:
    told = answer["decision"], tuple(answer["reasons"]), tuple(each["kind"] for each in answer["alternatives"])
    assert told == (identity.decision, identity.reasons, identity.alternatives), identity.name


def follow(here: Sandbox, identity: Identity, answer: dict[str, Any]) -> None:
    """Take the step of an identity, after which its order is allowed."""
    body, person = here.body(identity), {"document": here.body(identity)["document"]}
    match identity.way:
        case Way.COLLECT:
            taken = {"quote_reference": answer["quote"]["reference"], "amount_fen": answer["quote"]["total_fen"]}
            assert answer["quote"]["creditors"] == len({each.creditor for each in identity.debts})
            assert here.post("/collect", taken, Scope.MONEY).status_code == 201
        case Way.SETTLE:
            paid = {"account": identity.account(identity.debts[0]), "kind": "FULL"}
            paid |= {"amount_fen": answer["quote"]["total_fen"]}
            settled = here.post("/settlements", person | paid, Scope.MONEY).json()
            assert settled["state"] == "CLEARED"
            assert "receipt_refused" not in settled
        case Way.REBUT:
            home = {"household_register": body["household_register"], "ground": "NEVER_LIVED_THERE"}
            digest = {"evidence_digest": "A" * 43}
            assert here.post("/rebut", person | home | digest, Scope.COUNTER).status_code == 201
        case _:
            return
    again = here.post("/recheck", {"order": body["order"]}).json()
    assert (again["decision"], again["changed"]) == ("ALLOW", True), identity.name


def outcome(here: Sandbox, identity: Identity) -> dict[str, Any]:
    reason = REASONS.get(identity.decision) if identity.decision and identity.way is Way.NOTHING else None
    told = {"order": here.body(identity)["order"], "outcome": "ACTIVATED"}
    return told if reason is None else told | {"reason": reason}


def test_each_identity_is_answered_as_the_page_says_and_all_of_them_come_back(sandbox: Sandbox) -> None:
    first, *others = sorted(IDENTITIES, key=lambda each: each.name != "owes")
    *blocks, reset = commands(PAGE)
    said = typed(sandbox, blocks)
    check_answer(first, json.loads((sandbox.var / ASKER / "decision.json").read_bytes()))
    assert '"decision":"ALLOW"' in said
    assert '"verdict":"RECORDED"' in said
    for identity in others:
        follow(sandbox, identity, asked(sandbox, identity))
    many = {"outcomes": [outcome(sandbox, each) for each in others if each.decision is not None]}
    assert verdicts(sandbox, many) == {("RECORDED", "YES")}
    [listed] = [each for each in IDENTITIES if each.act is Act.RED_LISTED]
    complaint = {"document": sandbox.body(listed)["document"], "ground": "NOT_MY_DEBT"}
    assert sandbox.post("/dispute", complaint, Scope.COUNTER).status_code == 201
    refused = run_here(sandbox.var, "demo", "--sandbox", "--var", ".")
    assert (refused.returncode, "sandbox-running: " in refused.stderr) == (1, True)
    (sandbox.var / ASKER / "of-the-user.toml").write_text("mine")
    typed(sandbox, [reset])
    assert (sandbox.var / ASKER / "of-the-user.toml").read_text() == "mine"
    answers = {each.way: (each, asked(sandbox, each)) for each in IDENTITIES}
    follow(sandbox, *answers[Way.SETTLE])
    assert sandbox.post("/dispute", complaint, Scope.COUNTER).status_code == 201, "the case of before is remembered"
    assert {verdict for verdict, _ in verdicts(sandbox, many)} == {"RECORDED"}, "an order of before is remembered"


def verdicts(here: Sandbox, many: dict[str, Any]) -> set[tuple[str, str]]:
    rows = here.post("/activations/batch", many).json()["verdicts"]
    assert len(rows) == len(many["outcomes"])
    return {(each["verdict"], each["obeyed"]) for each in rows}


def typed(here: Sandbox, blocks: list[str]) -> str:
    """Run commands of the page where it says; what they printed."""
    done = subprocess.run(
        ["/bin/sh", "-e"],
        input="\necho\n".join(blocks),
        cwd=here.var / ASKER,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_both_pages_have_the_same_commands_and_each_asks_for_its_own_language() -> None:
    in_english = [block.replace('"languages": ["zh"]', '"languages": ["en"]') for block in commands(IN_CHINESE)]
    assert commands(PAGE) == in_english != commands(IN_CHINESE)
