"""`clearline gateway reconcile`: compare an export with this carrier's records at the registry."""

from dataclasses import asdict
from pathlib import Path

import click

from cli.options import FILE, FOLDER, accept_numbers_option, config_option, json_option
from cli.output import progress, tell
from gateway import settings
from gateway.bulk.file_guards import Consent
from gateway.bulk.mapping import Layout, load
from gateway.bulk.reconcile import reconcile_file
from gateway.wiring import build


@click.command()
@click.argument("export", type=FILE)
@click.option("--mapping", type=FILE, required=True, help="How this export is laid out (TOML).")
@click.option("--out", type=FOLDER, required=True, help="The folder of the four lists; made if it is missing.")
@accept_numbers_option
@config_option("gateway.toml")
@json_option
def reconcile(export: Path, mapping: Path, out: Path, config: Path, *, accept_numbers: bool, as_json: bool) -> None:
    """Compare an export with this carrier's records at the registry, and change neither.

    \b
    only-ours.csv     rows whose account has no record there, with the reason if the row is not listed as it is
    only-theirs.csv   open records whose account is in no row
    differing.csv     open records that differ from their row: a line a fact, with ours and theirs
    closed-there.csv  rows whose record there is closed, with its state and since when

    A record is found under each form that its account's reference has had. The registry names a closed record until it
    is sealed, 200 days after its end by the founding rules. Exit 0 whether anything differs or not.

    \b
    Example:
      clearline gateway reconcile arrears.csv --mapping carrier-a.toml --out lists
    """
    with build(settings.load(config)) as here, progress(f"reconcile {export.name}") as show:
        done = reconcile_file(
            here.tools,
            source=export,
            mapping=load(mapping, Layout.ARREARS),
            folder=out,
            today=here.today(),
            consent=Consent(accept_numbers=accept_numbers),
            on_progress=show,
        )
    tell(asdict(done) | {"seconds": round(done.seconds, 3), "output": str(out)}, as_json=as_json)
