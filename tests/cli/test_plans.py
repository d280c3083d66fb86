"""A creditor's commands for plans and reversals against a registry that listens."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.beijing import beijing_date
from tests.support.api import admit_checker
from tests.support.builders import a_report, account, tokens
from tests.support.commands import called, configured
from tests.support.stories import lists, settles
from tests.support.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any, str]]:
    admit_checker(world)
    configs = {name: configured(world, tmp_path, name) for name in ("carrier-a", "carrier-a-checker")}

    def run(*words: str, who: str = "carrier-a") -> tuple[int, Any, str]:
        code, out, err = called(capsys, "gateway", *words, "--config", str(configs[who]), "--json")
        return code, json.loads(out) if out else None, err

    return run


def test_a_plan_is_arranged_once_and_shown(call: Callable[..., tuple[int, Any, str]], world: World) -> None:
    listed = lists(world, "carrier-a", a_report())
    days = [beijing_date(world.clock.now) + dt.timedelta(days=each) for each in (30, 60)]
    words = [f"--instalment={day}=130.00" for day in days]
    code, plan, _ = call("plan", "arrange", str(listed.record_id), *words)
    assert (code, plan["state"], plan["instalments"][0]["amount_fen"]) == (0, "RUNNING", 130_00)
    assert call("plan", "arrange", str(listed.record_id), *words)[1] == plan
    assert call("plan", "show", plan["plan_id"])[1] == plan
    code, _, err = call("plan", "arrange", str(listed.record_id), f"--instalment={days[0]}=1")
    assert code == 1
    assert "edge-not-allowed" in err


def test_an_instalment_that_is_none_is_a_mistake_of_use(call: Callable[..., tuple[int, Any, str]]) -> None:
    for wrong in ("tomorrow=1", "2026-12-21", "2026-12-21=-5"):
        code, _, err = call("plan", "arrange", "0198c2c4-0000-7000-8000-000000000000", f"--instalment={wrong}")
        assert code == 2
        assert "DATE=YUAN" in err


def test_two_people_reverse_a_payment_and_the_clearance_tells(
    call: Callable[..., tuple[int, Any, str]], world: World, tmp_path: Path
) -> None:
    lists(world, "carrier-a", a_report())
    receipt = settles(world, "carrier-a", tokens("debtor"), account("A1"))
    evidence = tmp_path / "notice.pdf"
    evidence.write_bytes(b"the bank took it back")
    words = ("--reason", "CHARGEBACK", "--evidence", str(evidence))
    code, proposed, _ = call("reversal", "propose", str(receipt.settlement_id), *words)
    assert (code, proposed["confirmed_at"]) == (0, None)
    assert call("reversal", "propose", str(receipt.settlement_id), *words)[1] == proposed
    code, _, err = call("reversal", "confirm", proposed["reversal_id"])
    assert code == 1
    assert "role-missing" in err
    assert call("clearance", str(receipt.clearance_id))[1]["state"] == "VALID"
    code, confirmed, _ = call("reversal", "confirm", proposed["reversal_id"], who="carrier-a-checker")
    assert (code, confirmed["confirmed_key_id"]) == (0, "carrier-a-checker-1")
    assert call("reversal", "show", proposed["reversal_id"])[1] == confirmed
    assert call("clearance", str(receipt.clearance_id))[1]["state"] == "REVOKED"
