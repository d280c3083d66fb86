"""`clearline gateway check`: one applicant, or a whole file of them."""

from pathlib import Path
from typing import Any

import click

from cli.options import FILE, NEW_FILE, accept_numbers_option, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import progress, say, tell
from gateway import settings
from gateway.bulk.file_guards import Consent
from gateway.local.requests import read_application
from gateway.wiring import build


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--mapping", type=FILE, help="With FILE: how it is laid out (TOML).")
@click.option("--out", type=NEW_FILE, help="With FILE: where the decisions are written.")
@click.option("--carrier", help="With FILE: only the rows of this carrier.")
@accept_numbers_option
@config_option("gateway.toml")
@json_option
def check(
    file: Path | None,
    mapping: Path | None,
    out: Path | None,
    carrier: str | None,
    config: Path,
    *,
    accept_numbers: bool,
    as_json: bool,
) -> None:
    """May these applicants have their service? One as JSON on standard input, or a CSV FILE of them.

    The answer says for each household key whether it was GIVEN, NOT_GIVEN, NOT_CANONICAL (a room number is missing, for
    one), COLLECTIVE or NOT_APPLICABLE.

    \b
    Examples:
      clearline gateway check < applicant.json
      clearline gateway check applicants.csv --mapping examples/mappings/applicants.toml --out decisions.csv
    \b
    applicant.json (household_register and address are optional):
      {"document": {"kind": "RESIDENT_ID", "number": "..."}, "service_class": "BROADBAND",
       "household_register": "...", "address": "..."}
    """
    if file is None:
        if mapping or out or carrier or accept_numbers:
            raise click.UsageError("--mapping, --out, --carrier and --accept-numbers go with a FILE")
        _, application = read_application(read_object("an applicant"))
        with build(settings.load(config)) as here:
            tell(here.check_and_tell(application).to_answer(), as_json=as_json)
        return
    if mapping is None or out is None:
        raise click.UsageError("a FILE needs --mapping and --out")
    with build(settings.load(config)) as here, progress(f"check {file.name}") as show:
        done = here.check_file(
            source=file,
            mapping=mapping,
            output=out,
            only_carrier=carrier,
            consent=Consent(accept_numbers=accept_numbers),
            on_progress=show,
        )
    counted: dict[str, Any] = {"rows": done.rows, "decisions": done.decisions, "elements": done.elements}
    tell(counted | {"seconds": round(done.seconds, 3), "output": str(out)}, as_json=as_json)
    if done.orders_unkept:
        say(f"the file of orders did not take {done.orders_unkept} tokens: ask about those orders again")
    if done.none_asked:
        raise Failure(f"nobody was asked about: {done.rows} of {done.rows} rows cannot be read; {out} says why")
