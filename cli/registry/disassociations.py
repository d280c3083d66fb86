"""`clearline registry rebuttal`: read household rebuttals as an office, and revoke those that were not true."""

from uuid import UUID

import click

from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import disassociations
from protocol.messages.disassociations import RebuttalsQuery
from protocol.states import RebuttalState


@click.group("rebuttal")
def rebuttal() -> None:
    """Household rebuttals, for an adjudicator; an auditor and a regulator read them."""


@rebuttal.command()
@click.argument("rebuttal_id", type=click.UUID)
@office_options
def revoke(rebuttal_id: UUID, office: Office, *, as_json: bool) -> None:
    """Revoke a rebuttal that was not true. Safe to repeat.

    \b
    Example:
      clearline registry rebuttal revoke 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    with office.open() as registry:
        tell(disassociations.withdraw(registry, rebuttal_id), as_json=as_json)


@rebuttal.command("list", short_help="List a page of rebuttals; it is logged.")
@click.option("--state", type=click.Choice([each.value for each in RebuttalState]), help="Those in this state today.")
@click.option("--after", type=click.UUID, help="Behind this rebuttal.")
@office_options
@reading_options
def list_rebuttals(state: str | None, after: UUID | None, office: Office, *, as_json: bool) -> None:
    """List a page of rebuttals, oldest first. It may hold few, and still name a next one: go on with --after.

    \b
    Example:
      clearline registry rebuttal list --state HOLDS \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    query = RebuttalsQuery(state=None if state is None else RebuttalState(state), after=after)
    with office.open() as registry:
        tell(disassociations.page(registry, query), as_json=as_json)


@rebuttal.command("show", short_help="Show a rebuttal; it is logged.")
@click.argument("rebuttal_id", type=click.UUID)
@office_options
@reading_options
def show(rebuttal_id: UUID, office: Office, *, as_json: bool) -> None:
    """Show a rebuttal: its state, ground, filer and end.

    \b
    Example:
      clearline registry rebuttal show 0198c2c4-0000-7000-8000-000000000000 \\
        --config office.toml --url https://registry.example --registry-key registry.pub \\
        --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(disassociations.read(registry, rebuttal_id), as_json=as_json)
