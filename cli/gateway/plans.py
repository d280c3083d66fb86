"""`clearline gateway plan`: arrange instalments for a record, and show a plan."""

import datetime as dt
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from cli.options import config_option, json_option
from cli.output import tell
from client.resources import plans
from gateway import settings
from gateway.wiring import build
from protocol.encodings import AmountError, parse_yuan
from protocol.messages.plans import Instalment, PlanArrangement


class InstalmentParam(click.ParamType[Instalment]):
    """``2026-12-21=130.00``: the last day on which the instalment is in time, and yuan."""

    name = "date=yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Instalment:
        day, _, amount = str(value).partition("=")
        try:
            due_date = dt.datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=dt.UTC).date()
            return Instalment(due_date=due_date, amount_fen=parse_yuan(amount))
        except (ValueError, AmountError):
            self.fail("not DATE=YUAN, as in 2026-12-21=130.00", param, ctx)


@click.group()
def plan() -> None:
    """Instalments: while they are paid the record blocks nobody and bears no late fee."""


@plan.command()
@click.argument("record_id", type=click.UUID)
@click.option("--instalment", "instalments", type=InstalmentParam(), multiple=True, required=True, help="One of them.")
@config_option("gateway.toml")
@json_option
def arrange(record_id: UUID, instalments: tuple[Instalment, ...], config: Path, *, as_json: bool) -> None:
    """Arrange a plan for a record of this carrier. Safe to repeat; payments are reported with `settle`, kind PARTIAL.

    \b
    Example:
      clearline gateway plan arrange 0198c2c4-0000-7000-8000-000000000000 \\
        --instalment 2026-12-21=130.00 --instalment 2027-01-21=130.00
    """
    arrangement = PlanArrangement(record_id=record_id, instalments=instalments)
    with build(settings.load(config)) as here:
        tell(plans.arrange(here.registry, arrangement), as_json=as_json)


@plan.command("show", short_help="Show a plan and when it breaks.")
@click.argument("plan_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def show_plan(plan_id: UUID, config: Path, *, as_json: bool) -> None:
    """Show a plan: RUNNING, KEPT or BROKEN, and the day on which it breaks unless more is paid.

    \b
    Example:
      clearline gateway plan show 0198c2c4-0000-7000-8000-000000000000
    """
    with build(settings.load(config)) as here:
        tell(plans.read(here.registry, plan_id), as_json=as_json)
