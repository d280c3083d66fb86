"""List a carrier's own records (`clearline gateway records`)."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Final

import click

from cli.options import NEW_FILE, config_option
from cli.output import say, whole_file
from client.resources.records import own_records
from gateway import settings
from gateway.wiring import build
from protocol.messages.records import ListedRecord
from protocol.states import OPEN_STATES, RecordState
from protocol.table_cells import plain_cell
from protocol.wire.codec import write

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
_OPEN: Final = tuple(state.value for state in RecordState if state in OPEN_STATES)


@click.command()
@click.option(
    "--state",
    type=click.Choice(_OPEN),
    help="Only those in this state.",
)
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
    with build(settings.load(config)) as here, whole_file(out) as file:
        found = map(_shown, own_records(here.registry, None if state is None else RecordState(state)))
        count = _write_table(file, found) if as_csv else _write_lines(file, found)
    if out is not None:
        say(f"records: {count}")


def _shown(record: ListedRecord) -> dict[str, Any]:
    """Leave out the reference of the person, which only the gateway's own comparison may use."""
    return {name: value for name, value in write(record).items() if name != "person_ref"}


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
