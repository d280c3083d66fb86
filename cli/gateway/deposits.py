"""`clearline gateway deposit`: give deposits back, and list those that this carrier holds."""

import datetime as dt
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.gateway.activations import references_in
from cli.options import FILE, DayParam, config_option, json_option
from cli.output import tell
from gateway import settings
from gateway.counter.deposits import GivenBack, give_back, held_page
from gateway.wiring import build
from protocol.beijing import BEIJING, beijing_date
from protocol.messages.activations import MOST_DEPOSIT_FEN

_FEN: Final = click.IntRange(0, 2 * MOST_DEPOSIT_FEN)


@click.group()
def deposit() -> None:
    """Deposits that this carrier took on orders, until they are given back."""


@deposit.command("return", short_help="Report that a deposit was given back.")
@click.argument("activation_id", metavar="ACTIVATION", type=click.UUID)
@click.option("--fen", type=_FEN, required=True, help="Went to the customer, in fen.")
@click.option("--kept", type=_FEN, default=0, show_default=True, help="Was set off against undisputed bills, in fen.")
@click.option("--on", "day", type=DayParam(), help="The Beijing date of the return.  [default: today]")
@click.option("--service-ended", "ended_on", type=DayParam(), help="The Beijing date on which the service ended.")
@config_option("gateway.toml")
@json_option
def return_deposit(
    activation_id: UUID,
    *,
    fen: int,
    kept: int,
    day: dt.date | None,
    ended_on: dt.date | None,
    config: Path,
    as_json: bool,
) -> None:
    """Report the return of the deposit that was taken with the report ACTIVATION, in whole or in part.

    The event DEPOSIT_DUE_BACK and `deposit list` name the id. Safe to repeat: the same sums on the same day are the
    same return.

    \b
    Example:
      clearline gateway deposit return 0198c2c4-0000-7000-8000-000000000000 --fen 11800
    """
    with build(settings.load(config)) as here:
        # Midnight, so that the same command on the same day is the same request.
        at = dt.datetime.combine(day or beijing_date(here.tools.clock()), dt.time(), BEIJING).astimezone(dt.UTC)
        told = GivenBack(fen=fen, kept_fen=kept, at=at, service_ended_on=ended_on)
        tell(give_back(here.registry, activation_id, told), as_json=as_json)


@deposit.command("list", short_help="List a page of deposits that are held.")
@click.option("--after", type=click.UUID, help="Behind this deposit.")
@click.option("--orders", type=FILE, help="A CSV with a column `order`: show the numbers that are in it.")
@config_option("gateway.toml")
@json_option
def list_deposits(after: UUID | None, orders: Path | None, config: Path, *, as_json: bool) -> None:
    """List a page of deposits with the days by which they are due back; `next` is the --after of the next page.

    The registry has no order numbers: give a file of decisions to see them.

    \b
    Example:
      clearline gateway deposit list --orders decisions.csv --json
    """
    with build(settings.load(config)) as here:
        numbers = {} if orders is None else dict(references_in(here, orders))
        tell(held_page(here.tools, after, numbers), as_json=as_json)
