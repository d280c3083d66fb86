"""`clearline gateway withdraw` and `withdraw-report`: take back wrongly reported records."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from cli.options import FILE, NEW_FILE, config_option, json_option
from cli.output import progress, say, tell
from gateway import settings
from gateway.bulk.record_files import record_ids
from gateway.bulk.withdraw import withdraw_records
from gateway.bulk.withdraw import withdraw_report as take_report_back
from gateway.wiring import build
from protocol.codes import WithdrawalReason

_REASON: Final = click.option(
    "--reason", type=click.Choice([each.value for each in WithdrawalReason]), required=True, help="Why."
)
_REASON_OF_ALL: Final = click.option(
    "--reason",
    type=click.Choice([each.value for each in WithdrawalReason if each is not WithdrawalReason.NOT_IN_EXPORT]),
    required=True,
    help="Why.",
)


@click.command()
@click.argument("file", type=FILE)
@_REASON
@config_option("gateway.toml")
@json_option
def withdraw(file: Path, reason: str, config: Path, *, as_json: bool) -> None:
    """Take back every record that FILE names: verdicts of a report (column record_id), or one id a line.

    Carriers that refused an applicant because of one are told at once. Records that left the list already stay as
    they are, counted by their state. Safe to repeat. A file with a broken line is refused whole, naming the line.
    NOT_IN_EXPORT goes by the day's bound on take-outs: records beyond it stand, counted as HELD, until another key of
    this carrier confirms them (`clearline gateway take-outs confirm`) and the same command is given again.

    \b
    Example:
      clearline gateway withdraw wrong-ids.txt --reason WRONG_SUBJECT
    """
    named = record_ids(file)
    with build(settings.load(config)) as here, progress(f"withdraw {file.name}") as show:
        done = withdraw_records(here.registry, named, WithdrawalReason(reason), show)
    told = asdict(done)
    tell({each: told[each] for each in ("records", "withdrawn", "cancelled", "left_alone")}, as_json=as_json)


@click.command("withdraw-report")
@click.argument("out", type=NEW_FILE)
@_REASON_OF_ALL
@config_option("gateway.toml")
@json_option
def withdraw_report(out: Path, reason: str, config: Path, *, as_json: bool) -> None:
    """Take back all that an earlier `report --out OUT` listed, also where that was interrupted.

    Interrupted? The same command again goes on. OUT.withdrawn has the outcome of each record. Two kinds of records stay
    as they are: those that had left the list before (paid, say), counted by their state, and those that the report only
    repeated or updated: an earlier report listed them, and `withdraw` takes them back by their ids.

    \b
    Example:
      clearline gateway withdraw-report verdicts.csv --reason REPORTED_IN_ERROR
    """
    with build(settings.load(config)) as here, progress(f"withdraw {out.name}") as show:
        done = take_report_back(here.registry, output=out, reason=WithdrawalReason(reason), on_progress=show)
    tell(asdict(done), as_json=as_json)
    if done.sent_again:
        say("the registry was restored since this was taken back: it was taken back again")
