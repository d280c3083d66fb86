"""The clock from the command line: shown, and confirmed with a word that the operator signed."""

import datetime as dt
from contextlib import closing
from pathlib import Path

import pytest

from cli.demo.launch import confirm_time
from cli.outcome import Failure
from registry.settings import load
from registry.wiring import build_registry
from serving.clock import system_clock
from serving.settings import SettingsError
from tests.support.clocks import Clocks
from tests.support.commands import answered, called
from tests.support.commands import registry as registry  # noqa: PLC0414 (a fixture)
from tests.support.log_entries import an_entry
from tests.support.world import World

URL = ("--url", "http://127.0.0.1:9100")


def at(moment: dt.datetime) -> tuple[str, ...]:
    return ("--time", moment.strftime("%Y-%m-%dT%H:%MZ"))


def by(key: Path) -> tuple[str, ...]:
    return ("--key", str(key), "--key-id", "operator-1")


@pytest.fixture
def config(capsys: pytest.CaptureFixture[str], registry: list[str], tmp_path: Path) -> list[str]:
    """A founded registry in whose log somebody's wrong clock dated an entry years ahead."""
    answered(capsys, "registry", "init", *registry)
    running = build_registry(load(tmp_path / "registry.toml"))
    ahead = an_entry(system_clock() + dt.timedelta(days=7 * 365))
    running.store.write(lambda tx: tx.openings.append((ahead,)))
    running.store.close()
    return registry[:2]


def test_a_clock_in_doubt_is_told_and_goes_on_with_the_operators_word(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    shown = answered(capsys, "registry", "clock", "show", "--json", *config)
    assert (shown["state"], shown["reference"], shown["serves"]) == ("differs", "newest-time", False)
    code, _, err = called(capsys, "registry", "worker", "--once", *config)
    assert code == 1
    assert err.splitlines()[-1].startswith("clearline: the access log stands still: clock")
    called(capsys, "keys", "new", "--out", str(tmp_path / "other.pem"))
    words = {
        "not-the-operator": ("other.pem", system_clock()),
        "other-time": ("operator.pem", system_clock() + dt.timedelta(hours=1)),
        "": ("operator.pem", system_clock()),
    }
    path = tmp_path / "clock.word"
    for refused, (key, moment) in words.items():
        code, word, err = called(capsys, "registry", "clock", "sign", *URL, *at(moment), *by(tmp_path / key))
        assert (code, err) == (0, "")
        path.write_text(word)
        code, out, err = called(capsys, "registry", "clock", "confirm", "--word", str(path), *config)
        assert (code, err.startswith(f"clearline: {refused}:")) == ((1, True) if refused else (0, False)), err
    assert "operator" in out
    code, _, err = called(capsys, "registry", "clock", "confirm", "--word", str(path), *config)
    assert (code, err.split()[1]) == (1, "word-used:")
    assert answered(capsys, "registry", "clock", "show", "--json", *config)["state"] == "trusted"
    assert called(capsys, "registry", "worker", "--once", *config)[0] == 0
    assert "due" in called(capsys, "registry", "clock", "show", *config)[1]


def test_a_time_or_a_word_that_is_none_is_refused_without_being_repeated(
    capsys: pytest.CaptureFixture[str], config: list[str], tmp_path: Path
) -> None:
    key = by(tmp_path / "operator.pem")
    code, _, err = called(capsys, "registry", "clock", "sign", *URL, "--time", "soon", *key)
    assert (code, "soon" in err) == (2, False)
    path = tmp_path / "clock.word"
    for content in (b"no word", b"x" * 20_000, b"\xff\x00"):
        path.write_bytes(content)
        code, _, err = called(capsys, "registry", "clock", "confirm", "--word", str(path), *config)
        assert (code, err.split()[1]) == (1, "word-malformed:")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("clock_bound_seconds = 5", "clock_bound_seconds must be at least 60"),
        ("clock_bound_seconds = 86400", "clock_bound_seconds must be at most 1800"),
        ("clock_outage_days = 400", "clock_outage_days must be at most 30"),
        ("round_bound_count = 0", "round_bound_count must be at least 1"),
        ("round_bound_percent = 101", "round_bound_percent must be at most 100"),
    ],
)
def test_the_bounds_of_the_clock_cannot_be_set_so_far_that_they_bound_nothing(
    registry: list[str], tmp_path: Path, line: str, complaint: str
) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(SettingsError, match=complaint):
        load(path, {})


def test_a_demonstration_that_was_away_for_long_goes_on_by_its_operators_word(world: World, tmp_path: Path) -> None:
    clocks = Clocks(world=world)
    assert not confirm_time(world.registry, tmp_path / "operator.pem", "operator-1")
    clocks.pass_(days=20)
    clocks.boot()
    assert confirm_time(world.registry, tmp_path / "operator.pem", "operator-1")
    assert not confirm_time(world.registry, tmp_path / "operator.pem", "operator-1")


def test_a_demonstration_confirms_no_clock_that_is_contradicted(config: list[str], tmp_path: Path) -> None:
    running = build_registry(load(tmp_path / "registry.toml"))
    with closing(running.store), pytest.raises(Failure, match=r"^clock: .* behind the newest time"):
        confirm_time(running, tmp_path / "operator.pem", "operator-1")
