"""`clearline registry reversals`, `collections` and `net-statements`: what an auditor or a regulator reads of money."""

from uuid import UUID

import click

from cli.options import MonthParam
from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import collected as collected_calls
from client.resources import reversals as reversal_calls


@click.group("reversals")
def reversals() -> None:
    """Payments of any creditor that came undone, for an auditor or a regulator."""


@reversals.command("show", short_help="Show a reversal; it is logged.")
@click.argument("reversal_id", type=click.UUID)
@office_options
@reading_options
def show_reversal(reversal_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a reversal with the keys that proposed and confirmed it.

    \b
    Example:
      clearline registry reversals show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(reversal_calls.read(registry, reversal_id), as_json=as_json)


@click.group("collections")
def collections() -> None:
    """Payments that one carrier took for another, for an auditor or a regulator."""


@collections.command("show", short_help="Show a collected payment; it is logged.")
@click.argument("collection_id", type=click.UUID)
@office_options
@reading_options
def show_collection(collection_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a payment with the collector's declaration and the creditor's answer.

    \b
    Example:
      clearline registry collections show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(collected_calls.read(registry, collection_id), as_json=as_json)


@click.group("net-statements")
def net_statements() -> None:
    """Read the payments that two carriers took for each other in a month, as an auditor or a regulator."""


@net_statements.command("show", short_help="Show a month of two carriers; it is logged.")
@click.argument("month", type=MonthParam())
@click.argument("carrier")
@click.argument("other")
@office_options
@reading_options
def show_net_statement(month: str, carrier: str, other: str, office: Office, *, as_json: bool) -> None:
    """Show the payments that CARRIER and OTHER took for each other in MONTH (2026-11, Beijing), and the balance.

    Each page of a thousand lines is a reading of its own.

    \b
    Example:
      clearline registry net-statements show 2026-11 carrier-a carrier-b \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(collected_calls.net_statement(registry, month, other, between=carrier), as_json=as_json)
