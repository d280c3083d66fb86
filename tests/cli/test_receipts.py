"""`clearline gateway receipt` of a settlement whose receipt was not there at once, against a registry that listens."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from crypto.signing.keys import public_bytes
from protocol.encodings import b64url_encode
from tests.support.builders import a_report, account, tokens
from tests.support.commands import called, configured
from tests.support.log_rounds import integrator
from tests.support.stories import lists, settles
from tests.support.world import World


@pytest.fixture
def call(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, dict[str, Any], str]]:
    config = configured(world, tmp_path, "carrier-a")
    key = b64url_encode(public_bytes(world.signing_keys["log"]))
    config.write_text(f'{config.read_text()}[log]\nname = "registry.test/log"\npublic_key = "{key}"\n')

    def run(*words: str) -> tuple[int, dict[str, Any], str]:
        code, out, err = called(capsys, "gateway", "receipt", *words, "--config", str(config), "--json")
        return code, json.loads(out) if out else {}, err

    return run


def test_a_pending_receipt_is_fetched_later_and_then_nobody_is_asked(
    call: Callable[..., tuple[int, dict[str, Any], str]], world: World, tmp_path: Path
) -> None:
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


def test_a_promise_is_kept_and_the_kept_one_is_told_again(
    call: Callable[..., tuple[int, dict[str, Any], str]], world: World, tmp_path: Path
) -> None:
    lists(world, "carrier-a", a_report())
    settlement = str(settles(world, "carrier-a", tokens("debtor"), account("A1")).settlement_id)
    code, told, _ = call(settlement, "--grade", "promise")
    path = tmp_path / "log-state" / "receipts" / f"{settlement}.promise"
    assert (code, told["entry"], told["receipt"]) == (0, settlement, str(path))
    kept = path.read_bytes()
    assert call(settlement, "--grade", "promise")[1] == told
    assert path.read_bytes() == kept


@pytest.fixture
def renamed(
    call: Callable[..., tuple[int, dict[str, Any], str]],
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> tuple[str, Any]:
    """A carrier that kept a promise and a receipt, and has the log's new name in its settings since."""
    lists(world, "carrier-a", a_report())
    settlement = str(settles(world, "carrier-a", tokens("debtor"), account("A1")).settlement_id)
    assert integrator(world, tmp_path).round().faults == ()
    before = call(settlement)[1]
    with pytest.raises(SystemExit):
        main(["gateway", "vkeys", "--config", str(tmp_path / "carrier-a.toml")])
    (tmp_path / "former.vkeys").write_text(f"# of before\n\n{capsys.readouterr().out}")
    config = tmp_path / "carrier-a.toml"
    config.write_text(config.read_text().replace("registry.test/log", "registry.test/log-2"))
    return settlement, before


def test_a_receipt_of_before_the_logs_new_name_verifies_under_the_kept_vkeys(
    call: Callable[..., tuple[int, dict[str, Any], str]], renamed: tuple[str, Any], tmp_path: Path
) -> None:
    settlement, before = renamed
    assert call(settlement)[0] == 1
    assert call(settlement, "--grade", "promise")[0] == 1
    config = tmp_path / "carrier-a.toml"
    config.write_text(f'{config.read_text()}former_keys = "former.vkeys"\n')
    assert call(settlement)[1] == before
    assert before["log"].startswith("registry.test/log/")
    assert call(settlement, "--grade", "promise")[1]["log"] == before["log"]


def audited(capsys: pytest.CaptureFixture[str], receipt: str, *words: str) -> tuple[int, dict[str, Any], str]:
    with pytest.raises(SystemExit) as end:
        main(["audit", "receipt", receipt, "--entry", f"{receipt}.opening", *words, "--json"])
    out, err = capsys.readouterr()
    return int(end.value.code or 0), json.loads(out) if out else {}, err


def test_a_holder_needs_receipt_opening_and_the_vkeys_that_it_ever_pinned(
    renamed: tuple[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = renamed
    pinned, other = tmp_path / "former.vkeys", tmp_path / "other.vkeys"
    told = {name: before[name] for name in ("grade", "log", "index", "size")}
    assert audited(capsys, before["receipt"], "--vkeys", str(pinned))[:2] == (0, told)
    old = [line for line in pinned.read_text().splitlines() if f"/{before['log'][-4:]}+" in line]
    assert audited(capsys, before["receipt"], "--vkey", old[-1])[:2] == (0, told)
    other.write_text(pinned.read_text().replace("registry.test/log/", "registry.test/log-2/"))
    code, _, err = audited(capsys, before["receipt"], "--vkeys", str(other))
    assert (code, err) == (1, f"clearline: the log: vkeys-malformed: {other}: line 3 is no vkey of a year's log\n")
    other.write_text("")
    code, _, err = audited(capsys, before["receipt"], "--vkeys", str(other))
    assert (code, "key-unknown" in err) == (1, True)
    assert audited(capsys, before["receipt"])[0] == 2


@pytest.mark.parametrize(("content", "code"), [("registry.test/log\n", "vkeys-malformed"), (None, "vkeys-missing")])
def test_a_file_of_former_vkeys_that_cannot_be_used_is_told(
    call: Callable[..., tuple[int, dict[str, Any], str]],
    renamed: tuple[str, Any],
    tmp_path: Path,
    content: str | None,
    code: str,
) -> None:
    config = tmp_path / "carrier-a.toml"
    config.write_text(f'{config.read_text()}former_keys = "mine.vkeys"\n')
    if content is not None:
        (tmp_path / "mine.vkeys").write_text(content)
    ended, _, err = call(renamed[0])
    assert (ended, code in err) == (1, True)
