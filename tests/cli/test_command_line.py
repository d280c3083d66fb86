"""How every command behaves whatever it is given: help that teaches, exit codes, one clear line, no person in it."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from cli.main import command_line, main
from cli.outcome import OUT_OF_REACH, REFUSED, ExitCode, judge
from cli.roles import ROLES
from client.errors import RegistryUnreachable
from gateway.errors import CustodiansUnavailable
from protocol.problems import Problem, Refusal
from tests.support.cells import every_cell
from tests.support.commands import called

NUMBER = "11010519491231002X"


def commands(
    group: click.Group = command_line, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def test_every_command_teaches() -> None:
    with every_cell() as table:
        for path, command in commands():
            with table.cell(*path):
                assert command.help
                if not isinstance(command, click.Group):
                    assert "Example" in command.help
                    assert f"clearline {' '.join(path)}" in command.help
                for option in command.params:
                    if isinstance(option, click.Option):
                        assert option.help


def test_help_names_the_roles_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "--help")
    assert code == 0
    for word in (*ROLES, "Exit codes", "two of three", "clearline demo"):
        assert word in out


@pytest.mark.parametrize("arguments", [["nothing"], ["gateway", "report"], ["keys", "new", "--nonsense", "1"]])
def test_wrong_usage_is_exit_code_2_and_says_where_help_is(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    code, out, err = called(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("clearline: ")
    assert "--help" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["gateway", "check", NUMBER],
        ["gateway", "settle", NUMBER],
        ["gateway", "quote", "a-reference", NUMBER],
        ["gateway", NUMBER],
        [NUMBER],
        ["gateway", "clearance", NUMBER],
        ["gateway", "check", f"--{NUMBER}"],
        ["registry", "worker", "--interval", NUMBER],
    ],
)
def test_a_number_on_the_command_line_is_refused_and_not_repeated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = called(capsys, *arguments)
    assert code == 2
    assert NUMBER not in out + err
    assert NUMBER[:14] not in out + err


def test_an_unforeseen_failure_shows_its_type_and_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.openapi.render", lambda: _raise(RuntimeError(f"holds {NUMBER}")))
    code, _, err = called(capsys, "openapi")
    assert code == 1
    assert err == "clearline: unexpected RuntimeError; `clearline --debug ...` shows where\n"


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.openapi.render", lambda: _raise(RuntimeError("deep inside")))
    with pytest.raises(RuntimeError, match="deep inside"):
        main(["--debug", "openapi"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CustodiansUnavailable(2, 1, {3: "not reachable"}), ExitCode.UNAVAILABLE),
        (RegistryUnreachable("no answer"), ExitCode.UNAVAILABLE),
        (Refusal(Problem.UNAVAILABLE), ExitCode.UNAVAILABLE),
        (Refusal(Problem.NOT_FOUND), ExitCode.FAILED),
        (PermissionError(13, "Permission denied", "registry.pem"), ExitCode.FAILED),
        (click.UsageError("no such thing"), ExitCode.USAGE),
    ],
)
def test_what_went_wrong_has_its_exit_code(error: Exception, code: ExitCode) -> None:
    failure = judge(error)
    assert failure.code is code
    assert "\n" not in str(failure)


def test_a_refusal_names_field_and_code() -> None:
    refusal = Refusal(Problem.INVALID_FIELD, fields={"document.kind": "NOT_IN_VOCABULARY"})
    assert str(judge(refusal)) == "refused: invalid-field [document.kind: NOT_IN_VOCABULARY]"


@pytest.mark.parametrize("name", sorted(REFUSED | OUT_OF_REACH))
def test_the_errors_that_are_known_by_name_exist(name: str) -> None:
    module, _, kind = name.rpartition(".")
    assert issubclass(getattr(import_module(module), kind), Exception)


PART = {
    "document": {"kind": "RESIDENT_ID", "number": NUMBER},
    "account": "A1",
    "kind": "PARTIAL",
    "amount_fen": 100,
}


@pytest.mark.parametrize(
    ("arguments", "stdin", "reason"),
    [
        (["gateway", "check"], "", "standard input: is empty"),
        (["gateway", "check"], "{", "an applicant is not acceptable JSON"),
        (["gateway", "check"], json.dumps({"document": NUMBER}), "[document: REQUIRED]"),
        (["gateway", "settle"], json.dumps({NUMBER: 1}), "[*: UNKNOWN_FIELD]"),
        (["gateway", "settle", "--waive-rest"], json.dumps(PART), "[waive_rest: ONLY_WITH_FULL]"),
    ],
)
def test_bad_input_is_one_line_without_the_input(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    arguments: list[str],
    stdin: str,
    reason: str,
) -> None:
    (tmp_path / "gateway.toml").write_text("")
    given = tmp_path / "stdin"
    given.write_text(stdin)
    monkeypatch.chdir(tmp_path)
    with given.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        code, out, err = called(capsys, *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert reason in err
    assert NUMBER not in err


@pytest.mark.parametrize("role", ["custodian", "registry", "gateway"])
def test_settings_that_are_wrong_name_file_and_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, role: str
) -> None:
    config = tmp_path / f"{role}.toml"
    config.write_text("listen = 5\n")
    code, _, err = called(capsys, role, "serve", "--config", str(config))
    assert (code, err.count("\n")) == (1, 1)
    assert str(config) in err


def test_a_settings_file_that_is_missing_is_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, err = called(capsys, "registry", "serve", "--config", str(tmp_path / "nowhere.toml"))
    assert code == 2
    assert "nowhere.toml" in err


def _raise(error: Exception) -> str:
    raise error


def test_a_mistake_of_use_says_what_is_missing_and_never_what_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in (
        (["dispute", "show"], "Missing argument 'DISPUTE_ID'"),
        (["dispute", "show", "E1234567"], "a value is not a valid UUID"),
        (["answer-collection", "0198c2c4-0000-7000-8000-000000000000", "E1234567"], "a value is not one of"),
    ):
        with pytest.raises(SystemExit) as end:
            main(["gateway", *words])
        err = capsys.readouterr().err
        assert (end.value.code, said in err, "E1234567" in err) == (2, True, False)
