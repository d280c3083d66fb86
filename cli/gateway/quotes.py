"""Show a quote (`clearline gateway quote`): the creditors to pay, the amounts, and their payment details."""

from pathlib import Path

import click

from cli.options import TAKES_A_REFERENCE, config_option, json_option
from cli.output import one_line, tell
from gateway import settings
from gateway.wiring import build
from protocol.wire.codec import write_sorted

_LISTS = ("creditors", "lines")


@click.command(context_settings=TAKES_A_REFERENCE)
@click.argument("reference")
@config_option("gateway.toml")
@json_option
def quote(reference: str, config: Path, *, as_json: bool) -> None:
    """Show a quote with its creditors and amounts.

    Each creditor has a line with its total over all debts; then the first 200 debts follow, the longest due first.

    \b
    Example:
      clearline gateway quote 3nXb0mTt7cVw1Qf2
    """
    with build(settings.load(config)) as here:
        found = here.quote(reference)
    if as_json:
        tell(found, as_json=True)
        return
    tell({name: value for name, value in write_sorted(found).items() if name not in _LISTS}, as_json=False)
    for name in _LISTS:
        click.echo(f"{name}:")
        for debt in getattr(found, name):
            click.echo(f"  {one_line(debt, as_json=False)}")
