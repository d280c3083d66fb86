"""`clearline custodian serve`: evaluate blinded elements until SIGTERM."""

from pathlib import Path

import click

from cli.custody import open_provider
from cli.options import config_option
from custodian import serve as server
from custodian.settings import load


@click.command()
@config_option("custodian.toml")
def serve(config: Path) -> None:
    """Serve evaluations until SIGTERM.

    \b
    Example:
      clearline custodian serve --config /etc/clearline/custodian.toml
    """
    server.main(config, open_provider(load(config).custody))
