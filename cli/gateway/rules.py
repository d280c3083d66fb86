"""`clearline gateway terms`: a creditor's own late fee, less than the rules allow."""

import datetime as dt
from pathlib import Path
from typing import Final

import click

from cli.options import DayParam, config_option, json_option
from cli.output import tell
from client.resources import rules as resource
from gateway import settings
from gateway.wiring import build
from protocol.messages.rules import NewCreditorTerms

_DAY: Final = DayParam()


@click.group("terms")
def terms() -> None:
    """This carrier's own late fee: less than the rules allow, on records that it lists from a day on."""


@terms.command("set", short_help="Set the late fee of records listed later.")
@click.option("--daily-ppm", type=click.IntRange(0), required=True, help="Parts per million of the principal a day.")
@click.option("--cap-ppm", type=click.IntRange(0), required=True, help="In all; 1000000 is the principal once more.")
@click.option("--from", "effective_from", type=_DAY, required=True, help="The first Beijing date; never a past one.")
@config_option("gateway.toml")
@json_option
def set_(daily_ppm: int, cap_ppm: int, effective_from: dt.date, config: Path, *, as_json: bool) -> None:
    """Charge this fee on records that are listed from a day on; records that are listed already keep their fee.

    \b
    Example:
      clearline gateway terms set --daily-ppm 1000 --cap-ppm 500000 --from 2027-01-01
    """
    with build(settings.load(config)) as here:
        wanted = NewCreditorTerms(daily_ppm=daily_ppm, cap_ppm=cap_ppm, effective_from=effective_from)
        tell(resource.set_creditor_terms(here.registry, wanted), as_json=as_json)


@terms.command("show", short_help="Show this carrier's own late-fee terms.")
@click.option("--at", type=_DAY, help="The terms of a Beijing date; today's without it.")
@config_option("gateway.toml")
@json_option
def show_terms(at: dt.date | None, config: Path, *, as_json: bool) -> None:
    """Show this carrier's own terms of a day, and all that it ever set.

    \b
    Example:
      clearline gateway terms show --at 2027-01-01
    """
    with build(settings.load(config)) as here:
        tell(resource.read_creditor_terms(here.registry, at), as_json=as_json)
