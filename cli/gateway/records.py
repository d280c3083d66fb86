"""List a carrier's own records (`clearline gateway records`)."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import click

from cli.options import NEW_FILE, config_option
from cli.output import say
from client.resources.records import own_records
from gateway import settings
from gateway.wiring import build
from protocol.messages.records import ListedRecord
from protocol.states import OPEN_STATES, RecordState
from protocol.table_cells import plain_cell
from protocol.wire.codec import write
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
    with build(settings.load(config)) as here, _whole(out) as file:
        found = map(_shown, own_records(here.registry, None if state is None else RecordState(state)))
        count = _write_table(file, found) if as_csv else _write_lines(file, found)
    if out is not None:
        say(f"records: {count}")


@contextmanager
def _whole(output: Path | None) -> Iterator[IO[str]]:
    """Open the output file, which appears only when it is complete."""
    if output is None:
        yield sys.stdout
        return
    partial = output.with_name(output.name + ".partial")
    with io.TextIOWrapper(begin_file(partial), encoding="utf-8", newline="") as file:
        yield file
    partial.replace(output)


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
