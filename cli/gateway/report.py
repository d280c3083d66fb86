"""`clearline gateway report`: a whole export of defaulters, or the changes since the last one."""

from pathlib import Path
from typing import Any

import click

from cli.options import FILE, NEW_FILE, accept_numbers_option, config_option, json_option
from cli.outcome import Failure
from cli.output import progress, say, tell
from gateway import settings
from gateway.bulk.file_guards import Consent
from gateway.bulk.missing import HELD, missing_of
from gateway.bulk.report import Comparison, ReportSummary
from gateway.wiring import build


@click.command()
@click.argument("file", type=FILE)
@click.option("--mapping", type=FILE, required=True, help="How this export is laid out (TOML).")
@click.option(
    "--out", type=NEW_FILE, required=True, help="Where the verdicts are written, a line a row in input order."
)
@click.option(
    "--since", type=NEW_FILE, metavar="LAST_OUT", help="Confirm the rows that are unchanged since that report's --out."
)
@click.option(
    "--withdraw-missing",
    type=click.IntRange(min=0),
    metavar="N",
    help="With --since: withdraw the records of exactly N missing accounts.",
)
@click.option("--only-rejected", type=NEW_FILE, help="Write the rejected rows there as they are, to mend and report.")
@click.option("--restart", is_flag=True, help="Give up an earlier run that has the same --out.")
@accept_numbers_option
@click.option("--take-out", type=click.IntRange(min=0), metavar="N", help="Take out exactly N open records.")
@config_option("gateway.toml")
@json_option
def report(file: Path, out: Path, config: Path, *, as_json: bool, **given: Any) -> None:
    """Report the defaulters of an export. Interrupted? The same command again goes on; nothing is doubled.

    Was the registry restored from a backup? The same command again sends what it lost, also after the end.

    A broken row gets its verdict and stops nothing; a broken file is refused whole, naming line and column. So is a
    file whose numbers look damaged, or that takes out more open records than the rules let pass. Exit 1 too if each
    row is refused: then nothing was reported.

    Every month: --since LAST_OUT confirms the unchanged rows by their records, which takes minutes for a million, and
    lists the accounts that are gone in OUT.missing. Most of those were paid: settle them first, which gives each payer
    the clearance. --withdraw-missing N is for debts that were never owed or are given up.

    \b
    Examples:
      clearline gateway report arrears.csv --mapping examples/mappings/carrier-a.toml --out verdicts.csv
      clearline gateway report arrears.csv --mapping carrier-a.toml --out verdicts.csv --only-rejected mend.csv
      clearline gateway report december.csv --mapping carrier-a.toml --out december-out.csv --since november-out.csv
    """
    if given["withdraw_missing"] is not None and given["since"] is None:
        raise click.UsageError("--withdraw-missing goes with --since")
    consent = Consent(
        accept_numbers=given["accept_numbers"],
        take_out=given["take_out"],
        withdraw_missing=given["withdraw_missing"],
    )
    with build(settings.load(config)) as here, progress(f"report {file.name}") as show:
        done = here.report_file(
            source=file,
            mapping=given["mapping"],
            output=out,
            since=given["since"],
            only_rejected=given["only_rejected"],
            restart=given["restart"],
            consent=consent,
            on_progress=show,
        )
    tell(_summary(done, out), as_json=as_json)
    _hints(done, out)
    if done.all_refused:
        raise Failure(f"nothing was reported: {done.rows} of {done.rows} rows were refused; {out} says why")


def _summary(done: ReportSummary, out: Path) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "rows": done.rows,
        "verdicts": done.verdicts,
        "elements": done.elements,
        "seconds": round(done.seconds, 3),
        "resumed_from_row": done.resumed_from_row,
        "sent_again": done.sent_again,
        "output": str(out),
    }
    compared = done.comparison
    if compared is not None:
        summary |= {"confirmed": compared.confirmed, "missing": compared.missing}
        summary |= {"withdrawn": dict(compared.withdrawn)} if compared.withdrawn else {}
        summary |= {"judged_in_full": compared.in_full} if compared.in_full else {}
    return summary


def _hints(done: ReportSummary, out: Path) -> None:
    if done.sent_again:
        say(f"the registry was restored since this was reported: each row was sent again, and {out} is of today")
    if done.comparison is not None:
        _hints_on_missing(done.comparison, missing_of(out))


def _hints_on_missing(compared: Comparison, listed: Path) -> None:
    held = compared.withdrawn.get(HELD, 0)
    if held:
        say(
            f"{held} records are held by the day's bound, and stand: another key confirms them today "
            f"(`clearline gateway take-outs confirm`), then repeat this command"
        )
    elif compared.missing and not compared.withdrawn:
        say(
            f"{compared.missing} accounts with an open record are not in the export; {listed} lists them: "
            f"settle what was paid, and only then withdraw what was never owed"
        )
