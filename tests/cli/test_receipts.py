"""`clearline gateway receipt` of a settlement whose receipt was not there at once, against a registry that listens."""

import json
from pathlib import Path

import pytest

from cli.main import main
from crypto.signing.keys import public_bytes
from protocol.encodings import b64url_encode
from tests.builders import a_report, account, tokens
from tests.cli.test_money import configured
from tests.log_rounds import integrator
from tests.usecases.stories import lists, settles
from tests.world import World


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    config = configured(world, tmp_path, "carrier-a")
    key = b64url_encode(public_bytes(world.signing_keys["log"]))
    config.write_text(f'{config.read_text()}[log]\nname = "registry.test/log"\npublic_key = "{key}"\n')

    def run(*words: str) -> tuple[int, dict, str]:
        with pytest.raises(SystemExit) as end:
            main(["gateway", "receipt", *words, "--config", str(config), "--json"])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), json.loads(out) if out else {}, err

    return run


def test_a_pending_receipt_is_fetched_later_and_then_nobody_is_asked(call, world: World, tmp_path: Path):
    lists(world, "carrier-a", a_report())
    settlement = str(settles(world, "carrier-a", tokens("debtor"), account("A1")).settlement_id)
    code, _, err = call(settlement, "--wait", "0")
    assert (code, err) == (1, "clearline: the registry refused: receipt-pending (409)\n")
    assert integrator(world, tmp_path).round().faults == ()
    code, told, _ = call(settlement)
    path = tmp_path / "log-state" / "receipts" / f"{settlement}.tlog-proof"
    assert (code, told["kind"], told["grade"], told["receipt"]) == (0, "settlement", "integrated", str(path))
    config = tmp_path / "carrier-a.toml"
    config.write_text(config.read_text().replace(world.registry.public_url, "http://127.0.0.1:9"))
    assert call(settlement)[1] == told


def test_a_promise_is_kept_and_the_kept_one_is_told_again(call, world: World, tmp_path: Path):
    lists(world, "carrier-a", a_report())
    settlement = str(settles(world, "carrier-a", tokens("debtor"), account("A1")).settlement_id)
    code, told, _ = call(settlement, "--grade", "promise")
    path = tmp_path / "log-state" / "receipts" / f"{settlement}.promise"
    assert (code, told["entry"], told["receipt"]) == (0, settlement, str(path))
    kept = path.read_bytes()
    assert call(settlement, "--grade", "promise")[1] == told
    assert path.read_bytes() == kept
