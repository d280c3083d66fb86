"""A group of commands that imports a command's module only when the command is used or explained."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Commands by name; each value holds where the command stands (``module:attribute``) and its one summary.

    A process imports its own command alone: a custodian imports no code of the registry, and help imports none at all.
    """

    def __init__(self, *, commands_at: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in self.commands_at:
            return None
        place, summary = self.commands_at[cmd_name]
        module, _, attribute = place.partition(":")
        with _uncollected():
            command: click.Command = getattr(import_module(module), attribute)
        command.short_help = summary
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in sorted(self.commands_at.items())])


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector rest: modules leave hardly any garbage, and it would look them through ten times."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
