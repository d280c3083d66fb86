"""`clearline custodian`: runs one holder of a key share."""

from pathlib import Path

import click

from cli.options import config_option
from custodian import serve as server
from custodian import settings


@click.group()
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
    server.main(settings.load(config))
