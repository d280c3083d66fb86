"""Load a role's commands when they are used: a custodian's process imports no code of the registry."""

from importlib import import_module
from typing import Final

import click

ROLES: Final = {
    "audit": ("cli.audit.command", "Check the transparency log as an outsider."),
    "ceremony": ("cli.ceremony", "Make the shared key."),
    "custodian": ("cli.custodian.command", "Hold one share of the key."),
    "demo": ("cli.demo.command", "Run the whole system on this machine."),
    "gateway": ("cli.gateway.command", "Work on a carrier's own side."),
    "keys": ("cli.keys", "Make key files."),
    "openapi": ("cli.openapi", "Print the registry's HTTP interface."),
    "registry": ("cli.registry.command", "Run the neutral register."),
}
"""The module and the `clearline --help` line of each command, by its name."""


class Roles(click.Group):
    """The commands of `clearline`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(ROLES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in ROLES:
            return None
        command: click.Command = getattr(import_module(ROLES[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in sorted(ROLES.items())])
