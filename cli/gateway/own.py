"""`clearline gateway batches`, `settlements` and `demands`: what this carrier sent, and what it is asked for."""

from pathlib import Path
from uuid import UUID

import click

from cli.options import config_option, json_option
from cli.output import tell
from client.resources import evidence as demand_calls
from client.resources import records as record_calls
from client.resources import settlements as settlement_calls
from gateway import settings
from gateway.wiring import build
from protocol.messages.evidence import DemandsQuery
from protocol.messages.records import BatchesQuery
from protocol.messages.settlements import SettlementsQuery


@click.group("batches")
def batches() -> None:
    """This carrier's own batches of reports."""


@batches.command("list", short_help="List a page of batches.")
@click.option("--after-batch", help="Behind the batch of this key.")
@config_option("gateway.toml")
@json_option
def list_batches(after_batch: str | None, config: Path, *, as_json: bool) -> None:
    """List a page of batches, by their keys; the answer's `next` is the --after-batch of the next page.

    \b
    Example:
      clearline gateway batches list --json
    """
    with build(settings.load(config)) as here:
        tell(record_calls.batches(here.registry, BatchesQuery(after=after_batch)), as_json=as_json)


@click.group("settlements")
def settlements() -> None:
    """This carrier's own settlements."""


@settlements.command("list", short_help="List a page of settlements.")
@click.option("--after", type=click.UUID, help="Behind this settlement.")
@config_option("gateway.toml")
@json_option
def list_settlements(after: UUID | None, config: Path, *, as_json: bool) -> None:
    """List a page of settlements; the answer's `next` is the --after of the next page.

    \b
    Example:
      clearline gateway settlements list --json
    """
    with build(settings.load(config)) as here:
        tell(settlement_calls.page(here.registry, SettlementsQuery(after=after)), as_json=as_json)


@click.group("demands")
def demands() -> None:
    """Demands for a document of this carrier's evidence that none has met."""


@demands.command("list", short_help="List a page of demands.")
@click.option("--after", type=click.UUID, help="Behind this demand.")
@config_option("gateway.toml")
@json_option
def list_demands(after: UUID | None, config: Path, *, as_json: bool) -> None:
    """List a page of demands; the answer's `next` is the --after of the next page.

    \b
    Example:
      clearline gateway demands list --json
    """
    with build(settings.load(config)) as here:
        tell(demand_calls.page(here.registry, DemandsQuery(after=after)), as_json=as_json)
