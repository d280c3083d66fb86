"""`clearline custodian`: runs one holder of a key share, keeps its carriers' keys, and hands in its tallies."""

from importlib import import_module
from pathlib import Path

import click

from cli.custodian.carrier_keys import carrier_key
from cli.options import config_option
from custodian import serve as server


class _Commands(click.Group):
    """Loads `tally` when it is asked for: a serving custodian holds no code that talks to a registry."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "tally"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "tally":
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module("cli.custodian.tallies").tally
        return command


@click.group(cls=_Commands, short_help="Hold one share of the key.")
def custodian() -> None:
    """Hold one share of the key: evaluate blinded elements, prove it, count them. It sees no identity."""


@custodian.command()
@config_option("custodian.toml")
def serve(config: Path) -> None:
    """Serve evaluations until SIGTERM.

    \b
    Example:
      clearline custodian serve --config /etc/clearline/custodian.toml
    """
    server.main(config)


custodian.add_command(carrier_key)
