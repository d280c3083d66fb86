"""Every command that a runbook names is there, with the options that it is given."""

import re
import shlex
from pathlib import Path

import click
import pytest

from cli.main import command_line

RUNBOOKS = Path(__file__).resolve().parents[2] / "docs" / "runbooks"
_COMMAND = re.compile(r"(?:^|[`(]|\s)clearline ((?:[^`\n\\|;>]|\\\n)+)")


def commands(text: str) -> list[list[str]]:
    """The words behind each `clearline` that stands in a block or between backticks."""
    code = [*re.findall(r"^ {4,}((?:.*\\\n)*.*)$", text, re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)]
    code += [each[1] for each in re.findall(r"^( *)```\w*[^\n]*\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)]
    found = [each.replace("\\\n", " ") for piece in code for each in _COMMAND.findall(piece)]
    return [shlex.split(each, comments=True) for each in found]


def wrong_with(words: list[str]) -> str | None:
    """Why the words are no command of ours; several subcommands may be named at once (`add|revoke`)."""
    command: click.Command = command_line
    context = click.Context(command)
    rest = list(words)
    while isinstance(command, click.Group):
        if not rest:
            return None  # a group is named as such
        if rest[0] == "--version":
            return None
        below = command.get_command(context, rest[0])
        if below is None:
            return f"no command {rest[0]}"
        command, rest = below, rest[1:]
    known = {name for each in command.params for name in each.opts} | {"--help"}
    unknown = [each for each in rest if each.startswith("--") and each.partition("=")[0] not in known]
    if unknown:
        return f"no option {unknown[0]}"
    places = [each for each in command.params if isinstance(each, click.Argument)]
    flags = {name for each in command.params if isinstance(each, click.Option) and each.is_flag for name in each.opts}
    given, skip = 0, False
    for each in rest:
        if skip or each == "...":
            skip = False
        elif each.startswith("--"):
            skip = each not in flags and "=" not in each
        else:
            given += 1
    most = sum(each.nargs for each in places) if all(each.nargs > 0 for each in places) else given
    return f"{given - most} words too many" if given > most else None


@pytest.mark.parametrize("page", sorted(RUNBOOKS.glob("*.md")), ids=lambda page: page.name)
def test_every_command_of_a_runbook_is_one_of_ours(page: Path) -> None:
    wrong = {" ".join(words): why for words in commands(page.read_text()) if (why := wrong_with(words)) is not None}
    assert wrong == {}


def test_a_command_that_is_not_there_is_noticed() -> None:
    assert wrong_with(["gateway", "dance"]) == "no command dance"
    assert wrong_with(["gateway", "records", "--colour", "red"]) == "no option --colour"
    assert wrong_with(["registry", "key", "list", "carrier-a", "carrier-b", "--json"]) == "1 words too many"
    assert commands("    clearline a \\\n      --b c\n\n`clearline d e`") == [["a", "--b", "c"], ["d", "e"]]
