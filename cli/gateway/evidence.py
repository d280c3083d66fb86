"""`clearline gateway confirm` and `show-evidence`: a creditor's confirmations, and the documents of its evidence."""

from pathlib import Path
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option
from cli.output import tell
from gateway import settings
from gateway.bulk.evidence import show
from gateway.counter.evidence import confirm_unpaid
from gateway.wiring import build


@click.command()
@click.argument("verdicts", type=FILE)
@config_option("gateway.toml")
@json_option
def confirm(verdicts: Path, config: Path, *, as_json: bool) -> None:
    """Confirm that the records in a file of VERDICTS are still unpaid, where the rules ask for it. Safe to repeat.

    Remove paid records from the file first. A waiting record that is not confirmed in time is never listed.

    \b
    Example:
      clearline gateway confirm verdicts.csv
    """
    with build(settings.load(config)) as here:
        tell(dict(confirm_unpaid(here.registry, verdicts)), as_json=as_json)


@click.command("show-evidence")
@click.argument("demand_id", type=click.UUID)
@click.option("--book", "books", type=FILE, multiple=True, required=True, help="An evidence book (OUT.evidence).")
@config_option("gateway.toml")
@json_option
def show_evidence(demand_id: UUID, books: tuple[Path, ...], config: Path, *, as_json: bool) -> None:
    """Answer a demand with the promised document; the event EVIDENCE_DEMANDED names its id. Safe to repeat.

    \b
    Example:
      clearline gateway show-evidence 0198c2c4-0000-7000-8000-000000000000 --book verdicts.csv.evidence
    """
    with build(settings.load(config)) as here:
        tell(show(here.registry, demand_id, books), as_json=as_json)
