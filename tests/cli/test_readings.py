"""An office says on the command line why and who reads; the staff number stays on its own machine."""

import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from cli.main import command_line
from crypto.references import Named, References
from protocol.encodings import b64url_decode, b64url_encode
from protocol.log_entries import READINGS
from tests.support.commands import called
from tests.support.registries import known
from tests.support.world import World

NUMBER = "工号-0047110815"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command of the regulator that reads yesterday's tallies."""
    yesterday = (dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)).isoformat()
    signed = [*known(world), "--key", str(tmp_path / "regulator.pem"), "--key-id", "regulator-1"]

    def run(*more: str) -> tuple[int, str, str]:
        return called(capsys, "registry", "tallies", yesterday, *signed, *more, "--json")

    return run


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "reference.key"
    assert called(capsys, "keys", "new", "--kind", "reference", "--out", str(path))[0] == 0
    return path


def office(tmp_path: Path, **lines: str) -> str:
    path = tmp_path / "office.toml"
    path.write_text("[reading]\n" + "".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    return str(path)


def told(world: World) -> set[tuple[Any, Any]]:
    """Purpose and agent of each reading so far."""
    found = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return {
        (json.loads(each.core)["facts"].get("purpose"), json.loads(each.personal or b"{}").get("agent"))
        for each in found
        if each.kind in READINGS
    }


def reference(key: Path, number: str) -> str:
    return b64url_encode(References(b64url_decode(key.read_text().strip())).of(Named.AGENT, number))


def test_purpose_and_agent_come_from_the_command_line(world: World, call: Call, key: Path) -> None:
    assert call()[0] == 0
    assert told(world) == {(None, None)}
    assert call("--purpose", "COMPLAINT")[0] == 0
    assert told(world) == {(None, None), ("COMPLAINT", None)}
    assert call("--purpose", "CASE", "--agent", NUMBER, "--reference-key", str(key))[0] == 0
    assert told(world) == {(None, None), ("COMPLAINT", None), ("CASE", reference(key, NUMBER))}


def test_the_offices_settings_are_defaults_and_options_win(world: World, call: Call, key: Path, tmp_path: Path) -> None:
    config = office(tmp_path, purpose="SUPERVISION", agent=NUMBER, reference_key=key.name)
    assert call("--config", config)[0] == 0
    defaults = ("SUPERVISION", reference(key, NUMBER))
    assert told(world) == {defaults}
    assert call("--config", config, "--purpose", "SAMPLE", "--agent", "B-2")[0] == 0
    assert told(world) == {defaults, ("SAMPLE", reference(key, "B-2"))}


def test_the_staff_number_is_nowhere_at_the_registry(
    world: World, call: Call, key: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    code, out, err = call("--purpose", "CASE", "--agent", NUMBER, "--reference-key", str(key))
    assert code == 0
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("registry.db*"))
    assert reference(key, NUMBER).encode() in kept
    for form in (NUMBER.encode(), NUMBER.encode("gb18030"), json.dumps(NUMBER).strip('"').encode(), b"0047110815"):
        assert form not in kept + (out + err + caplog.text).encode()


def test_the_office_finds_who_a_reference_belongs_to(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    staff = key.with_name("staff.txt")
    staff.write_text(f"B-2\n{NUMBER}\n", encoding="utf-8")
    code, out, _ = called(capsys, "keys", "reference", str(staff), "--key", str(key))
    assert (code, out.split()) == (0, [reference(key, "B-2"), reference(key, NUMBER)])


@pytest.mark.parametrize(("content", "says"), [(b"B-2\n\n", "is not 1 to 64"), (b"\xff\xfe", "is not UTF-8")])
def test_a_list_of_staff_that_cannot_be_read_is_one_line(
    key: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    staff = key.with_name("staff.txt")
    staff.write_bytes(content)
    code, out, said = called(capsys, "keys", "reference", str(staff), "--key", str(key))
    assert (code, out, says in said) == (1, "", True)


def test_a_reference_key_is_private_and_never_overwritten(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    assert called(capsys, "keys", "new", "--kind", "reference", "--out", str(key))[0] == 1
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("lines", "agent", "says"),
    [
        ({"agent": NUMBER}, None, "--agent needs --reference-key"),
        ({"purpose": "CURIOSITY"}, None, "reading.purpose must be one of CASE, SUPERVISION"),
        ({"purpose": "CASE", "staff": NUMBER}, None, "reading.staff is not known here"),
        ({"reference_key": "reference.key"}, NUMBER + "\n" + NUMBER, "not 1 to 64 printable characters"),
        ({"reference_key": "none.key"}, NUMBER, "cannot read the key file"),
        ({"reference_key": "office.toml"}, NUMBER, "office.toml"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_used_are_one_line_without_the_number(
    call: Call, key: Path, lines: dict[str, str], agent: str | None, says: str
) -> None:
    more = () if agent is None else ("--agent", agent)
    code, out, said = call("--config", office(key.parent, **lines), *more)
    assert (code, out, says in said) == (1, "", True), said
    assert "4711" not in said


def test_an_unknown_purpose_is_a_wrong_command_line(call: Call) -> None:
    assert call("--purpose", "CURIOSITY")[0] == 2


@pytest.mark.parametrize(
    "command",
    [
        "audit verify",
        "registry archive",
        "registry dispute documents",
        "registry dispute list",
        "registry dispute show",
        "registry plans list",
        "registry plans show",
        "registry records list",
        "registry records show",
        "registry rebuttal list",
        "registry rebuttal show",
        "registry red-list list",
        "registry settlements list",
        "registry settlements show",
        "registry transfers list",
        "registry transfers show",
        "registry dispute read-document",
        "registry red-list show",
        "registry tallies",
    ],
)
def test_every_command_by_which_an_office_reads_takes_purpose_and_agent(command: str) -> None:
    found: click.Command = command_line
    for word in command.split():
        assert isinstance(found, click.Group)
        named = found.get_command(click.Context(found), word)
        assert named is not None
        found = named
    options = {name for each in found.params for name in each.opts}
    assert {"--purpose", "--agent", "--reference-key", "--config"} <= options
