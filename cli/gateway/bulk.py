"""`clearline gateway report` and `check`: whole files of defaulters and of applicants, or one applicant."""

from pathlib import Path
from typing import Any

import click

from cli.options import FILE, NEW_FILE, config_option, json_option, read_object
from cli.outcome import Failure
from cli.output import progress, say, tell
from gateway import settings
from gateway.bulk.file_guards import Consent
from gateway.local.requests import read_application
from gateway.wiring import build

_ACCEPT_NUMBERS = click.option(
    "--accept-numbers", is_flag=True, help="Go on although numbers look damaged, as by a spreadsheet."
)


@click.command()
@click.argument("file", type=FILE)
@click.option("--mapping", type=FILE, required=True, help="How this export is laid out (TOML).")
@click.option(
    "--out", type=NEW_FILE, required=True, help="Where the verdicts are written, a line a row in input order."
)
@click.option("--only-rejected", type=NEW_FILE, help="Write the rejected rows there as they are, to mend and report.")
@click.option("--restart", is_flag=True, help="Give up an earlier run that has the same --out.")
@_ACCEPT_NUMBERS
@click.option("--take-out", type=click.IntRange(min=0), metavar="N", help="Take out exactly N open records.")
@config_option("gateway.toml")
@json_option
def report(
    file: Path,
    mapping: Path,
    out: Path,
    only_rejected: Path | None,
    config: Path,
    *,
    restart: bool,
    accept_numbers: bool,
    take_out: int | None,
    as_json: bool,
) -> None:
    """Report the defaulters of an export. Interrupted? The same command again goes on; nothing is doubled.

    Was the registry restored from a backup? The same command again sends what it lost, also after the end.

    A broken row gets its verdict and stops nothing; a broken file is refused whole, naming line and column. So is a
    file whose numbers look damaged, or that takes out more open records than the rules let pass. Exit 1 too if each
    row is refused: then nothing was reported.

    \b
    Example:
      clearline gateway report arrears.csv --mapping examples/mappings/carrier-a.toml --out verdicts.csv
      clearline gateway report arrears.csv --mapping carrier-a.toml --out verdicts.csv --only-rejected mend.csv
    """
    consent = Consent(accept_numbers=accept_numbers, take_out=take_out)
    with build(settings.load(config)) as here, progress(f"report {file.name}") as show:
        done = here.report_file(
            source=file,
            mapping=mapping,
            output=out,
            only_rejected=only_rejected,
            restart=restart,
            consent=consent,
            on_progress=show,
        )
    tell(
        {
            "rows": done.rows,
            "verdicts": done.verdicts,
            "elements": done.elements,
            "seconds": round(done.seconds, 3),
            "resumed_from_row": done.resumed_from_row,
            "sent_again": done.sent_again,
            "output": str(out),
        },
        as_json=as_json,
    )
    if done.sent_again:
        say(f"the registry was restored since this was reported: each row was sent again, and {out} is of today")
    if done.all_refused:
        raise Failure(f"nothing was reported: {done.rows} of {done.rows} rows were refused; {out} says why")


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--mapping", type=FILE, help="With FILE: how it is laid out (TOML).")
@click.option("--out", type=NEW_FILE, help="With FILE: where the decisions are written.")
@click.option("--carrier", help="With FILE: only the rows of this carrier.")
@_ACCEPT_NUMBERS
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
