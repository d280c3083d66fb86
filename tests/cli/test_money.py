"""A creditor's commands for plans and reversals against a registry that listens."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from crypto.signing.keys import public_bytes, save_private_key
from protocol.beijing import beijing_date
from protocol.encodings import b64url_encode
from tests.api.client import admit_checker
from tests.builders import a_report, account, tokens
from tests.usecases.stories import lists, settles
from tests.world import World


def configured(world: World, folder: Path, signer: str) -> Path:
    """Settings of carrier-a under one of its keys; no custodian is asked by these commands."""
    save_private_key(world.signing_keys[signer], folder / f"{signer}.pem")
    (folder / f"{signer}.key").touch(mode=0o600)
    (folder / f"{signer}.key").write_text(b64url_encode(bytes(range(32))))
    element = b64url_encode(tokens("custodian").subject)
    members = "".join(
        f'[[custodians.member]]\nindex = {each}\nurl = "http://127.0.0.1:9"\npublic_key = "{element}"\n'
        for each in (1, 2)
    )
    config = folder / f"{signer}.toml"
    config.write_text(
        f'[carrier]\nid = "carrier-a"\nkey_id = "{signer}-1"\nsigning_key = "{signer}.pem"\n'
        f'account_key = "{signer}.key"\n'
        f'[registry]\nurl = "{world.registry.public_url}"\nkey_id = "registry-1"\n'
        f'public_key = "{b64url_encode(public_bytes(world.signing_keys["registry"]))}"\n'
        f'[custodians]\nepoch = 1\nthreshold = 2\njoint_public_key = "{element}"\n{members}'
        '[service]\nlisten = "127.0.0.1:9201"\n'
    )
    return config


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    admit_checker(world)
    configs = {name: configured(world, tmp_path, name) for name in ("carrier-a", "carrier-a-checker")}

    def run(*words: str, who: str = "carrier-a") -> tuple[int, Any, str]:
        with pytest.raises(SystemExit) as end:
            main(["gateway", *words, "--config", str(configs[who]), "--json"])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), json.loads(out) if out else None, err

    return run


def test_a_plan_is_arranged_once_and_shown(call, world: World):
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


def test_an_instalment_that_is_none_is_a_mistake_of_use(call):
    for wrong in ("tomorrow=1", "2026-12-21", "2026-12-21=-5"):
        code, _, err = call("plan", "arrange", "0198c2c4-0000-7000-8000-000000000000", f"--instalment={wrong}")
        assert code == 2
        assert "DATE=YUAN" in err


def test_two_people_reverse_a_payment_and_the_clearance_tells(call, world: World, tmp_path: Path):
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
