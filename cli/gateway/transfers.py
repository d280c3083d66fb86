"""Give debts to another carrier or take them over (`clearline gateway transfer`)."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option
from cli.output import tell
from client.registry import RegistryClient
from client.resources import transfers
from gateway import settings
from gateway.bulk.record_files import new_accounts, record_ids
from gateway.counter import transfers as portfolio
from gateway.wiring import build
from protocol.codes import TransferGround
from protocol.messages.transfers import NewTransfer, Transfer, TransferItem
from protocol.wire.codec import write_sorted

_TRANSFERS: Final = click.argument("transfer_ids", metavar="TRANSFER_ID...", type=click.UUID, nargs=-1, required=True)


@click.group()
def transfer() -> None:
    """Debts that change hands: two people of the seller offer them, the buyer takes them on its own accounts."""


@transfer.command(short_help="Propose to give records to another carrier.")
@click.argument("file", type=FILE)
@click.option("--to", required=True, metavar="CARRIER", help="Who gets them.")
@click.option("--ground", type=click.Choice([each.value for each in TransferGround]), required=True, help="Why.")
@click.option("--idempotency-key", help="Names this proposal: after a cancellation another name proposes it again.")
@config_option("gateway.toml")
@json_option
def propose(file: Path, to: str, ground: str, idempotency_key: str | None, config: Path, *, as_json: bool) -> None:
    """Propose to give the ACTIVE records that FILE names (one id a line, or a column record_id) to another carrier.

    A transfer for each 1,000; each has to be confirmed. Safe to repeat.

    \b
    Example:
      clearline gateway transfer propose active.csv --to carrier-b --ground SALE
    """
    new = NewTransfer(to=to, ground=TransferGround(ground), record_ids=tuple(record_ids(file)))
    with build(settings.load(config)) as here:
        for proposed in portfolio.propose(here.registry, new, name=idempotency_key):
            _tell_transfer(proposed, as_json=as_json)


@transfer.command(short_help="Confirm an offer with another key.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def confirm(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Confirm under settings with another signing key than the proposal's: the other carrier is told of the offer.

    \b
    Example:
      clearline gateway transfer confirm 0198c2c4-0000-7000-8000-000000000000 --config second-person.toml
    """
    _each(transfer_ids, transfers.confirm, config, as_json=as_json)


@transfer.command(short_help="Take offered debts over.")
@click.argument("file", type=FILE)
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def accept(file: Path, transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Take debts over: FILE has the columns record_id and account, this carrier's own account for each record.

    The account numbers stay here; keyed references of them leave. A record without an account stays with the seller.
    Safe to repeat.

    \b
    Example:
      clearline gateway transfer accept accounts.csv 0198c2c4-0000-7000-8000-000000000000
    """
    accounts = new_accounts(file)
    with build(settings.load(config)) as here:
        for accepted in portfolio.accept(here.registry, here.tools.accounts, transfer_ids, accounts):
            _tell_transfer(accepted, as_json=as_json)


@transfer.command(short_help="Take back an offer that is not accepted.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def cancel(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Take back, as the seller, a transfer that the other carrier has not accepted.

    \b
    Example:
      clearline gateway transfer cancel 0198c2c4-0000-7000-8000-000000000000
    """
    _each(transfer_ids, transfers.cancel, config, as_json=as_json)


@transfer.command(short_help="Propose to undo an accepted transfer.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def undo(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Propose, as either party, that accepted debts go back to the accounts that they had at the seller.

    \b
    Example:
      clearline gateway transfer undo 0198c2c4-0000-7000-8000-000000000000
    """
    _each(transfer_ids, transfers.undo, config, as_json=as_json)


@transfer.command("confirm-undo", short_help="Undo a transfer, as the other party.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def confirm_undo(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Undo, as the other party, a transfer that one party proposed to undo. Debts in a plan or a dispute stay.

    \b
    Example:
      clearline gateway transfer confirm-undo 0198c2c4-0000-7000-8000-000000000000
    """
    _each(transfer_ids, transfers.confirm_undo, config, as_json=as_json)


@transfer.command(short_help="Show a transfer and its state.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def show(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Show a transfer: its state, the keys that signed its steps, and with --json the outcome of each record.

    \b
    Example:
      clearline gateway transfer show 0198c2c4-0000-7000-8000-000000000000 --json
    """
    _each(transfer_ids, transfers.read, config, as_json=as_json)


def _each(
    transfer_ids: Iterable[UUID], step: Callable[[RegistryClient, UUID], Transfer], config: Path, *, as_json: bool
) -> None:
    with build(settings.load(config)) as here:
        for each in transfer_ids:
            _tell_transfer(step(here.registry, each), as_json=as_json)


def _tell_transfer(transfer: Transfer, *, as_json: bool) -> None:
    """Print a transfer whole for a script; for a person the records are counted by their outcomes."""
    document = write_sorted(transfer)
    if not as_json:
        document["records"] = dict(Counter(_outcome(item) or transfer.state for item in transfer.records))
    tell(document, as_json=as_json)


def _outcome(item: TransferItem) -> str | None:
    """Name the latest outcome of a record: for an undone transfer, that of the undoing."""
    return item.outcome if item.undo_outcome is None else f"UNDONE_{item.undo_outcome}"
