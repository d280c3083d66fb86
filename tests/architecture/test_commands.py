"""Every command has a summary that `--help` shows whole, and an option means the same wherever it stands."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import click
import pytest

from cli.main import command_line

MAX_SUMMARY = 45
"""Click cuts off the rest where the window is narrow."""
Commands = dict[str, click.Command]


def commands_below(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command and group below a group, by its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from commands_below(command, f"{path}{name} ")


def summary(command: click.Command) -> str:
    """The whole summary, before it is cut off."""
    return command.get_short_help_str(limit=10_000)


def cut_off(commands: Commands) -> list[str]:
    """The commands whose summary is missing or too long."""
    return [name for name, command in commands.items() if not 0 < len(summary(command)) <= MAX_SUMMARY]


NAMED_BY_THE_TRADE = {"--since": {"MomentParam", "Path"}}
"""A reader of the log looks since a moment, and a report follows since an earlier report's output."""


def options_of_two_kinds(commands: Iterable[click.Command]) -> dict[str, set[str]]:
    """The options that take a file in one command and something else in another, with the kinds of value they take."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for command in commands:
        for option in command.params:
            if isinstance(option, click.Option):
                for name in option.opts:
                    kinds[name].add(type(option.type).__name__)
    return {name: taken for name, taken in kinds.items() if len(taken) > 1}


def with_two_names(commands: Commands) -> list[str]:
    """The commands that take an option under a second name."""
    return [
        name
        for name, command in commands.items()
        if any(len(option.opts) > 1 for option in command.params if isinstance(option, click.Option))
    ]


@pytest.fixture(scope="module")
def commands() -> Commands:
    return dict(commands_below(command_line))


def test_every_summary_is_shown_whole(commands: Commands) -> None:
    assert len(commands) > 100
    assert cut_off(commands) == []


def test_an_option_takes_one_kind_of_value_and_has_one_name(commands: Commands) -> None:
    assert options_of_two_kinds(commands.values()) == NAMED_BY_THE_TRADE
    assert with_two_names(commands) == []


def test_a_summary_that_is_too_long_or_missing_is_found() -> None:
    group = click.Group(
        commands=[
            click.Command("long", help="Say in one sentence a good deal more than fits beside the name."),
            click.Command("silent"),
            click.Command("short", help="A long text.", short_help="Say little."),
            click.Group("deep", help="Hold others.", commands=[click.Command("longer", short_help="x" * 46)]),
        ]
    )
    assert cut_off(dict(commands_below(group))) == ["deep longer", "long", "silent"]


def test_an_option_of_two_kinds_or_two_names_is_found() -> None:
    first = click.Command("first", params=[click.Option(["--key"], type=click.Path()), click.Option(["--out", "-o"])])
    second = click.Command("second", params=[click.Option(["--key"], type=str), click.Option(["--out"])])
    assert options_of_two_kinds([first, second]) == {"--key": {"Path", "StringParamType"}}
    assert with_two_names({"first": first, "second": second}) == ["first"]
