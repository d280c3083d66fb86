"""`clearline gateway take-outs`: rows that the registry holds until a second key confirms them."""

from pathlib import Path

import click

from cli.options import config_option, json_option
from cli.output import tell
from client.resources.records import read_take_outs
from gateway import settings
from gateway.counter.take_outs import confirm_take_outs
from gateway.wiring import build


@click.group("take-outs")
def take_outs() -> None:
    """See and confirm held take-outs of today."""


@take_outs.command()
@config_option("gateway.toml")
@json_option
def show(config: Path, *, as_json: bool) -> None:
    """Show how many rows of today are held.

    A row is held when it would take out a record, or move it to another person, beyond the bound of the day.

    \b
    Example:
      clearline gateway take-outs show
    """
    with build(settings.load(config)) as here:
        tell(read_take_outs(here.registry), as_json=as_json)


@take_outs.command()
@click.argument("count", type=click.IntRange(1, 2**31 - 1))
@click.option("--idempotency-key", help="A name of this confirmation, to repeat it.")
@config_option("gateway.toml")
@json_option
def confirm(count: int, idempotency_key: str | None, config: Path, *, as_json: bool) -> None:
    """Confirm COUNT held rows with another key.

    The key has to be another one than sent them. It counts today, for rows of other keys: report the file again
    afterwards, under another --out.

    \b
    Example:
      clearline gateway take-outs confirm 480 --config second-person.toml
    """
    with build(settings.load(config)) as here:
        tell(confirm_take_outs(here.registry, count, idempotency_key=idempotency_key), as_json=as_json)
