"""`clearline registry order`, `void` and `archive`: orders and findings on a record, and a sealed one opened."""

import hashlib
from pathlib import Path
from uuid import UUID

import click

from cli.options import FILE
from cli.output import tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources import archive
from protocol.messages.archive import Finding, Order
from protocol.states import Action


@click.command("order")
@click.argument("record_id", type=click.UUID)
@click.argument("order", type=click.Choice([action.value for action in archive.ORDERS]))
@click.option("--paper", type=FILE, required=True, help="The order itself; only its SHA-256 is sent.")
@office_options
def ordered(record_id: UUID, order: str, *, paper: Path, office: Office, as_json: bool) -> None:
    """Freeze a record, unfreeze it, or discharge it, as a regulator. Safe to repeat with the same paper.

    A paper orders a thing once: a record that it froze and another paper unfroze is frozen again only
    by a new paper; until then a repeated call shows the result of the first one.

    \b
    Example:
      clearline registry order 0198c2c4-0000-7000-8000-000000000000 FREEZE --paper order.pdf \\
        --url https://registry.example --registry-key registry.pub --key regulator.pem --key-id regulator-1
    """
    with office.open() as registry:
        body = Order(order_reference=_digest(paper))
        tell(archive.order(registry, record_id, Action(order), body), as_json=as_json)


@click.command("void")
@click.argument("record_id", type=click.UUID)
@click.option("--paper", type=FILE, required=True, help="The finding itself; only its SHA-256 is sent.")
@office_options
def voided(record_id: UUID, *, paper: Path, office: Office, as_json: bool) -> None:
    """Close a record whose identity was stolen and mark the victim, as an adjudicator. Safe to repeat.

    \b
    Example:
      clearline registry void 0198c2c4-0000-7000-8000-000000000000 --paper finding.pdf \\
        --url https://registry.example --registry-key registry.pub --key court.pem --key-id court-1
    """
    with office.open() as registry:
        tell(archive.void(registry, record_id, Finding(finding_digest=_digest(paper))), as_json=as_json)


def _digest(paper: Path) -> bytes:
    with paper.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@click.command("archive")
@click.argument("record_id", type=click.UUID)
@office_options
@reading_options
def archived(record_id: UUID, office: Office, *, as_json: bool) -> None:
    """Open a sealed record, as an auditor or a regulator; the reading is logged.

    \b
    Example:
      clearline registry archive 0198c2c4-0000-7000-8000-000000000000 \\
        --url https://registry.example --registry-key registry.pub --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        tell(archive.read(registry, record_id), as_json=as_json)
