"""`clearline registry rebuttal`: revoke household rebuttals that were not true, as an adjudicator."""

from uuid import UUID

import click

from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import disassociations


@click.group("rebuttal")
def rebuttal() -> None:
    """Household rebuttals, for an adjudicator."""


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
