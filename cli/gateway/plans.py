"""`clearline gateway plan` and `clearline gateway reversal`: what a creditor says of a debt after it was listed."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option
from cli.output import tell
from gateway import settings
from gateway.gateway import Gateway
from gateway.wiring import build
from protocol.codes import ReversalReason
from protocol.encodings import AmountError, parse_yuan

_REASON: Final = click.Choice([each.value for each in ReversalReason])


class InstalmentParam(click.ParamType[tuple[dt.date, int]]):
    """``2026-12-21=130.00``: the last day on which the instalment is in time, and yuan."""

    name = "date=yuan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[dt.date, int]:
        day, _, amount = str(value).partition("=")
        try:
            return dt.datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=dt.UTC).date(), parse_yuan(amount)
        except (ValueError, AmountError):
            self.fail("not DATE=YUAN, as in 2026-12-21=130.00", param, ctx)


@click.group(short_help="Arrange and show instalment plans.")
def plan() -> None:
    """Instalments: while they are paid the record blocks nobody and bears no late fee."""


@plan.command()
@click.argument("record_id", type=click.UUID)
@click.option("--instalment", "instalments", type=InstalmentParam(), multiple=True, required=True, help="One of them.")
@config_option("gateway.toml")
@json_option
def arrange(record_id: UUID, instalments: tuple[tuple[dt.date, int], ...], config: Path, *, as_json: bool) -> None:
    """Arrange a plan for a record of this carrier. Safe to repeat; payments are reported with `settle`, kind PARTIAL.

    \b
    Example:
      clearline gateway plan arrange 0198c2c4-0000-7000-8000-000000000000 \\
        --instalment 2026-12-21=130.00 --instalment 2027-01-21=130.00
    """
    with _open(config) as here:
        tell(here.registry.arrange_plan(record_id, instalments), as_json=as_json)


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
    with _open(config) as here:
        tell(here.registry.plan(plan_id), as_json=as_json)


@click.group(short_help="Reverse payments that came undone.")
def reversal() -> None:
    """Payments that came undone: one person proposes with evidence, another, with another key, confirms."""


@reversal.command(short_help="Propose to reverse a settlement.")
@click.argument("settlement_id", type=click.UUID)
@click.option("--reason", type=_REASON, required=True, help="Why the payment came undone.")
@click.option("--evidence", type=FILE, required=True, help="What shows it; only its SHA-256 leaves this machine.")
@config_option("gateway.toml")
@json_option
def propose(settlement_id: UUID, reason: str, evidence: Path, config: Path, *, as_json: bool) -> None:
    """Propose to reverse a settlement; nothing changes before it is confirmed. Safe to repeat.

    \b
    Example:
      clearline gateway reversal propose 0198c2c4-0000-7000-8000-000000000000 \\
        --reason CHARGEBACK --evidence bank-notice.pdf
    """
    with evidence.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    with _open(config) as here:
        tell(here.registry.propose_reversal(settlement_id, ReversalReason(reason), digest), as_json=as_json)


@reversal.command(short_help="Confirm a reversal with another key.")
@click.argument("reversal_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def confirm(reversal_id: UUID, config: Path, *, as_json: bool) -> None:
    """Confirm under settings with another signing key: the debt is owed again, its clearances are revoked.

    \b
    Example:
      clearline gateway reversal confirm 0198c2c4-0000-7000-8000-000000000000 --config second-person.toml
    """
    with _open(config) as here:
        tell(here.registry.confirm_reversal(reversal_id), as_json=as_json)


@reversal.command("show", short_help="Show a reversal and its two keys.")
@click.argument("reversal_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def show_reversal(reversal_id: UUID, config: Path, *, as_json: bool) -> None:
    """Show a reversal and the two keys that stand for it.

    \b
    Example:
      clearline gateway reversal show 0198c2c4-0000-7000-8000-000000000000
    """
    with _open(config) as here:
        tell(here.registry.reversal(reversal_id), as_json=as_json)


def _open(config: Path) -> Gateway:
    return build(settings.load(config))
