"""`clearline gateway reversal`: propose, confirm and show that a payment came undone."""

import hashlib
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option
from cli.output import tell
from client.resources import reversals
from gateway import settings
from gateway.wiring import build
from protocol.codes import ReversalReason
from protocol.messages.reversals import ReversalProposal

_REASON: Final = click.Choice([each.value for each in ReversalReason])


@click.group()
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
    proposal = ReversalProposal(reason=ReversalReason(reason), evidence_digest=digest)
    with build(settings.load(config)) as here:
        tell(reversals.propose(here.registry, settlement_id, proposal), as_json=as_json)


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
    with build(settings.load(config)) as here:
        tell(reversals.confirm(here.registry, reversal_id), as_json=as_json)


@reversal.command(short_help="Show a reversal and its two keys.")
@click.argument("reversal_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def show(reversal_id: UUID, config: Path, *, as_json: bool) -> None:
    """Show a reversal and the two keys that stand for it.

    \b
    Example:
      clearline gateway reversal show 0198c2c4-0000-7000-8000-000000000000
    """
    with build(settings.load(config)) as here:
        tell(reversals.read(here.registry, reversal_id), as_json=as_json)
