"""`clearline gateway confirm`: a creditor's word that debts are still unpaid."""

from pathlib import Path

import click

from cli.options import FILE, config_option, json_option
from cli.output import tell
from gateway import settings
from gateway.proving import confirm_unpaid
from gateway.wiring import build


@click.command()
@click.argument("verdicts", type=FILE)
@config_option("gateway.toml")
@json_option
def confirm(verdicts: Path, config: Path, *, as_json: bool) -> None:
    """Confirm that the records in a file of VERDICTS are still unpaid, where the rules ask for it. Safe to repeat.

    Take out first whoever has paid meanwhile: without a word in time a waiting record is never listed.

    \b
    Example:
      clearline gateway confirm verdicts.csv
    """
    with build(settings.load(config)) as here:
        tell(dict(confirm_unpaid(here.registry, verdicts)), as_json=as_json)
