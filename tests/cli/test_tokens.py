"""The commands that say who may call the local service: made once and shown once, listed, revoked."""

import json
import stat
from pathlib import Path

import pytest

from cli.demo.tokens import bearer, make_tokens, token_file
from gateway.local.tokens import Scope, TokenBook
from tests.support.commands import called, configured
from tests.support.world import World


@pytest.fixture
def config(world: World, tmp_path: Path) -> list[str]:
    return ["--config", str(configured(world, tmp_path, "carrier-a"))]


def test_a_token_is_printed_once_and_opens_what_was_asked(
    config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("gateway", "token", "billing", "--scope", "money", "--scope", "check", *config, "--json")
    code, out, _ = called(capsys, *words)
    made = json.loads(out)
    assert (code, made["name"], made["scopes"]) == (0, "billing", ["check", "money"])
    caller = TokenBook(tmp_path / "local-tokens.json").caller_of(made["token"])
    assert caller is not None
    assert caller.scopes == {Scope.CHECK, Scope.MONEY}
    code, out, _ = called(capsys, "gateway", "tokens", *config, "--json")
    assert (code, json.loads(out)) == (0, {"name": "billing", "scopes": ["check", "money"]})
    assert made["token"] not in out + (tmp_path / "local-tokens.json").read_text()


def test_a_token_is_written_for_its_owner_alone_and_never_over_another_file(
    config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sales.token"
    words = ("gateway", "token", "sales", "--scope", "check", "--out", str(out), *config)
    code, printed, _ = called(capsys, *words)
    token = out.read_text().strip()
    assert (code, token in printed, stat.S_IMODE(out.stat().st_mode)) == (0, False, 0o600)
    code, _, err = called(capsys, *words)
    assert (code, out.read_text().strip(), "not overwritten" in err) == (1, token, True)
    code, _, err = called(capsys, *words[:-4], *config)
    assert (code, "name-taken" in err, err.count("\n")) == (1, True, 1)


def test_a_revoked_token_opens_nothing(config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = json.loads(called(capsys, "gateway", "token", "old", "--scope", "check", *config, "--json")[1])["token"]
    assert called(capsys, "gateway", "revoke-token", "old", *config)[0] == 0
    assert TokenBook(tmp_path / "local-tokens.json").caller_of(token) is None
    code, _, err = called(capsys, "gateway", "revoke-token", "old", *config)
    assert (code, "name-unknown" in err) == (1, True)


def test_an_unknown_scope_and_no_scope_are_wrong_usage(config: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "gateway", "token", "x", "--scope", "all", *config)[0] == 2
    assert called(capsys, "gateway", "token", "x", *config)[0] == 2


@pytest.mark.parametrize("command", ["tokens", "revoke-token x"])
def test_without_a_file_the_command_that_makes_one_is_named(
    config: list[str], capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, _, err = called(capsys, "gateway", *command.split(), *config)
    assert (code, "tokens-missing" in err, "clearline gateway token" in err) == (1, True, True)


def test_a_demonstration_has_a_token_for_each_scope_and_keeps_it(tmp_path: Path) -> None:
    make_tokens(tmp_path)
    before = {scope: bearer(tmp_path, scope) for scope in Scope}
    make_tokens(tmp_path)
    assert {scope: bearer(tmp_path, scope) for scope in Scope} == before
    assert {stat.S_IMODE(token_file(tmp_path, scope).stat().st_mode) for scope in Scope} == {0o600}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('tls_key = "key.pem"', "tls_certificate is missing"),
        ('tls_certificate = "certificate.pem"', "tls_key is missing"),
        ("host_names = 1", "host_names must be"),
        ('host_names = ["a:9201"]', "host_names must be"),
        ('host_names = ["https://a"]', "host_names must be"),
        ('tokens = ""', "tokens must be"),
    ],
)
def test_settings_of_the_service_that_cannot_be_are_named(
    config: list[str], capsys: pytest.CaptureFixture[str], line: str, says: str
) -> None:
    path = Path(config[1])
    path.write_text(path.read_text().replace("[service]\n", f"[service]\n{line}\n"))
    code, _, err = called(capsys, "gateway", "tokens", *config)
    assert (code, says in err, err.count("\n")) == (1, True, 1)


def test_a_token_that_could_not_be_written_is_no_token(
    config: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("gateway", "token", "lost", "--scope", "check", "--out", str(tmp_path / "nowhere" / "lost.token"))
    code, _, err = called(capsys, *words, *config)
    assert (code, err.count("\n")) == (1, 1)
    assert called(capsys, "gateway", "tokens", *config)[:2] == (0, "")
