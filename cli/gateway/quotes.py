"""`clearline gateway quote`: whom an applicant has to pay, how much, and how."""

from pathlib import Path
from typing import Any

import click

from cli.options import TAKES_A_REFERENCE, config_option, json_option
from cli.output import one_line, tell
from client.answers import items
from gateway import settings
from gateway.wiring import build

_LISTS = ("creditors", "lines")


@click.command(context_settings=TAKES_A_REFERENCE)
@click.argument("reference")
@config_option("gateway.toml")
@json_option
def quote(reference: str, config: Path, *, as_json: bool) -> None:
    """Show a quote: whom to pay, how much, how.

    Each creditor has a line with its total over all debts; then the first 200 debts follow, the longest due first.

    \b
    Example:
      clearline gateway quote 3nXb0mTt7cVw1Qf2
    """
    with build(settings.load(config)) as here:
        document = here.quote(reference)
    if as_json:
        tell(document, as_json=True)
        return
    _tell_lines(document)


def _tell_lines(document: dict[str, Any]) -> None:
    tell({name: value for name, value in document.items() if name not in _LISTS}, as_json=False)
    for name in _LISTS:
        click.echo(f"{name}:")
        for each in items(document, name):
            click.echo(f"  {one_line(each, as_json=False)}")
