"""`clearline gateway records` and `transfer`: a carrier's own records, and debts that change hands."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

import click

from cli.options import FILE, NEW_FILE, config_option, json_option
from cli.output import say, tell
from client.answers import read
from client.registry import RegistryClient
from gateway import settings
from gateway.bulk.record_files import new_accounts, record_ids
from gateway.counter import transfers as portfolio
from gateway.wiring import build
from protocol.codes import TransferGround
from protocol.table_cells import plain_cell
from serving.files import begin_file

_COLUMNS: Final = (
    "record_id",
    "state",
    "account_ref",
    "service_class",
    "category",
    "principal_fen",
    "costs_fen",
    "paid_fen",
    "due_date",
    "notice_date",
    "enforceable_from",
    "received_at",
    "state_since",
    "origin_record_id",
    "rules_version",
    "version",
)
_TRANSFERS: Final = click.argument("transfer_ids", metavar="TRANSFER_ID...", type=click.UUID, nargs=-1, required=True)


@click.command(short_help="List this carrier's own open records.")
@click.option("--state", type=click.Choice(portfolio.OPEN_STATES), help="Only those in this state.")
@click.option("--out", type=NEW_FILE, help="Where they are written; absent: standard output.")
@click.option("--csv", "as_csv", is_flag=True, help="A table (RFC 4180) in place of one JSON object a line.")
@config_option("gateway.toml")
def records(state: str | None, out: Path | None, config: Path, *, as_csv: bool) -> None:
    """List this carrier's own open records, with the reference that its gateway made of each account number.

    \b
    Examples:
      clearline gateway records --state ACTIVE --csv --out active.csv
      clearline gateway records | wc -l
    """
    with build(settings.load(config)) as here, _whole(out) as file:
        found = map(_shown, portfolio.own_records(here.registry, state))
        count = _write_table(file, found) if as_csv else _write_lines(file, found)
    if out is not None:
        say(f"records: {count}")


@click.group(short_help="Offer, take over and return debts.")
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
    named = record_ids(file)
    with build(settings.load(config)) as here:
        for each in portfolio.propose(here.registry, named, to=to, ground=TransferGround(ground), name=idempotency_key):
            _tell_transfer(each, as_json=as_json)


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
    _each(transfer_ids, portfolio.confirm, config, as_json=as_json)


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
        for each in portfolio.accept(here.registry, here.tools.accounts, transfer_ids, accounts):
            _tell_transfer(each, as_json=as_json)


@transfer.command(short_help="Take back an offer that is not accepted.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def cancel(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Take back, as the seller, what the other carrier has not accepted.

    \b
    Example:
      clearline gateway transfer cancel 0198c2c4-0000-7000-8000-000000000000
    """
    _each(transfer_ids, portfolio.cancel, config, as_json=as_json)


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
    _each(transfer_ids, portfolio.undo, config, as_json=as_json)


@transfer.command("confirm-undo", short_help="Undo a transfer, as the other party.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def confirm_undo(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Undo, as the other party, what one party proposed to undo. Debts that are being paid or heard stay.

    \b
    Example:
      clearline gateway transfer confirm-undo 0198c2c4-0000-7000-8000-000000000000
    """
    _each(transfer_ids, portfolio.confirm_undo, config, as_json=as_json)


@transfer.command(short_help="Show a transfer and its state.")
@_TRANSFERS
@config_option("gateway.toml")
@json_option
def show(transfer_ids: tuple[UUID, ...], config: Path, *, as_json: bool) -> None:
    """Show a transfer: its state, the keys that stand for it, and with --json what became of each record.

    \b
    Example:
      clearline gateway transfer show 0198c2c4-0000-7000-8000-000000000000 --json
    """
    _each(transfer_ids, portfolio.transfer, config, as_json=as_json)


def _each(
    transfer_ids: Iterable[UUID], step: Callable[[RegistryClient, UUID], dict[str, Any]], config: Path, *, as_json: bool
) -> None:
    with build(settings.load(config)) as here:
        for each in transfer_ids:
            _tell_transfer(step(here.registry, each), as_json=as_json)


def _tell_transfer(document: dict[str, Any], *, as_json: bool) -> None:
    """Whole for a script; for a person the records are counted by what became of them."""
    if not as_json:
        document = document | {"records": read(_outcomes, document)}
    tell(document, as_json=as_json)


def _outcomes(document: dict[str, Any]) -> dict[str, int]:
    return dict(Counter(_outcome(each) or document["state"] for each in document["records"]))


def _outcome(item: dict[str, Any]) -> str | None:
    """What became of a record last: of an undone one, whether it is back."""
    undone, first = item.get("undo_outcome"), item["outcome"]
    return first if undone is None else f"UNDONE_{undone}"


@contextmanager
def _whole(output: Path | None) -> Iterator[IO[str]]:
    """The file that is written: it appears when all of it is there."""
    if output is None:
        yield sys.stdout
        return
    partial = output.with_name(output.name + ".partial")
    with io.TextIOWrapper(begin_file(partial), encoding="utf-8", newline="") as file:
        yield file
    partial.replace(output)


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """A record without the reference of its person, which is for the gateway's own comparison and for no file."""
    return {name: value for name, value in record.items() if name != "person_ref"}


def _write_lines(file: IO[str], found: Iterable[dict[str, Any]]) -> int:
    count = 0
    for each in found:
        file.write(json.dumps(each, sort_keys=True) + "\n")
        count += 1
    return count


def _write_table(file: IO[str], found: Iterable[dict[str, Any]]) -> int:
    table = csv.DictWriter(file, _COLUMNS, extrasaction="ignore")
    table.writeheader()
    count = 0
    for each in found:
        table.writerow({name: plain_cell(str(value)) for name, value in each.items() if value is not None})
        count += 1
    return count
