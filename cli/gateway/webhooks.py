"""`clearline gateway webhook`: see how the registry delivers this carrier's events."""

from pathlib import Path

import click

from cli.options import config_option, json_option
from cli.output import tell
from client.resources import webhooks
from gateway import settings
from gateway.wiring import build


@click.command()
@config_option("gateway.toml")
@json_option
def webhook(config: Path, *, as_json: bool) -> None:
    """Show this carrier's webhook: its URL, how far the deliveries are, and what was given up.

    The operator admits one (`clearline registry webhook admit`). What was given up is still in the feed: read it with
    `clearline gateway events`.

    \b
    Example:
      clearline gateway webhook
    """
    found = settings.load(config)
    with build(found) as here:
        tell(webhooks.read(here.registry, found.carrier), as_json=as_json)
