"""`clearline registry log`: show the progress of the access log, and check its stored parts against each other."""

from pathlib import Path
from typing import Any

import click

from cli.custody import open_provider
from cli.options import config_option
from cli.outcome import Failure
from cli.output import progress, tell
from cli.registry.restores import declare
from cli.registry.schema_check import open_registry
from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint
from registry.keyfile import load_public_half
from registry.settings import Settings, load
from registry.usecases.context import LogIdentity, Registry
from registry.usecases.log.begin_log import begin_log, years_to_begin
from registry.usecases.log.check_log import TreeReport, check_tree
from registry.usecases.log.check_rows import rows_without_entry
from registry.usecases.log.read_status import read_status
from registry.usecases.restores.declare_restore import is_declared_since_the_loss
from registry.usecases.restores.standing import look
from registry.work.heads import LogHeads
from registry.work.signer import LogSigner

YEAR = click.IntRange(min=1970, max=9999)


@click.group()
def log() -> None:
    """Look after the trees of the access log, on the registry's own machine."""


@log.command(short_help="Show how large each tree is.")
@config_option("registry.toml")
def status(config: Path) -> None:
    """Print as JSON each year's tree: its size, its published size, and the number of waiting entries.

    \b
    Example:
      clearline registry log status --config registry.toml
    """
    settings = load(config)
    running = open_registry(settings)
    tell(read_status(running, _remembered(settings, running)), as_json=True)


@log.command(short_help="Derive every tree again and compare.")
@config_option("registry.toml")
@click.option("--year", type=YEAR, help="One year's tree; all of them otherwise.")
def check(config: Path, year: int | None) -> None:
    """Derive every tree again from its leaves and entries, and compare. Ends with 1 and codes when anything differs.

    Without --year it also looks for the entries that rows name: of tables led by no subject, which a database spread
    over nodes cannot check by itself. It only reads, and may run beside everything else.

    \b
    Example:
      clearline registry log check --config registry.toml
    """
    settings = load(config)
    running = open_registry(settings)
    remembered = _remembered(settings, running)
    heads = running.store.read(lambda tx: tx.trees.heads())
    years = sorted({*remembered, *(head.shard for head in heads)}) if year is None else [year]
    reports = []
    for each in years:
        with progress(f"the log of {each}") as on_progress:
            reports.append(check_tree(running, each, remembered.get(each), on_progress))
    rows = {} if year is not None else rows_without_entry(running)
    tell({"trees": [_shown(report) for report in reports], "rows_without_entry": rows}, as_json=True)
    codes = {code for report in reports for code in report.faults} | ({"entry-missing"} if rows else set())
    if codes:
        raise Failure(f"the log does not agree with itself: {', '.join(sorted(codes))}")


@log.command(short_help="Print the vkey of each year's log.")
@config_option("registry.toml")
@click.option("--year", "years", type=YEAR, multiple=True, help="This year's key; may be given several times.")
@click.option("--log-name", help="What the log was called then; what it is called now otherwise.")
def vkey(config: Path, years: tuple[int, ...], log_name: str | None) -> None:
    """Print the vkey of each year's log, one a line; gateways, witnesses and auditors pin them.

    Without --year it is one for each year that has a tree, and that of this year. The key of a year to come, or of a
    log that has another name since, can be printed too.

    \b
    Examples:
      clearline registry log vkey --config registry.toml
      clearline registry log vkey --year 2026 --year 2027 --log-name registry.example/log
    """
    settings = load(config)
    identity = LogIdentity(name=log_name or settings.log_name, public_key=load_public_half(settings.log_key))
    for year in sorted(set(years)) if years else _years(settings):
        try:
            click.echo(identity.key(year).vkey)
        except TlogRefused:
            raise Failure("--log-name: is no name of a log") from None


@log.command(short_help="Go on with the log under a new name.")
@config_option("registry.toml")
def begin(config: Path) -> None:
    """Continue under the new `log_name` with the present trees, after a loss that cannot be repaired.

    It also declares the restore if that is missing (`clearline registry restored`).

    Set `log_name` and an empty `log_heads` folder first; see docs/runbooks/log-restored-backup.md.

    \b
    Example:
      clearline registry log begin --config registry.toml
    """
    settings = load(config)
    provider = open_provider(settings.custody)
    running = open_registry(settings, provider)
    sign = LogSigner(settings.log_key, running.log.public_key, provider)
    if LogHeads(settings.log_heads, running.log).peek():
        raise Failure(f"{settings.log_heads}: remembers a log; a new one begins with an empty folder")
    years = years_to_begin(running)
    # Clients that miss entries of the old log must learn that the database is an older one.
    if years and not is_declared_since_the_loss(running):
        declare(settings, running)
    begun = [year for year in years if begin_log(running, year, sign)]
    incarnation = look(running).incarnation
    tell({"log_name": settings.log_name, "years": begun, "incarnation": incarnation}, as_json=True)


def _years(settings: Settings) -> list[int]:
    running = open_registry(settings)
    heads = running.store.read(lambda tx: tx.trees.heads())
    return sorted({running.clock().year, *(head.shard for head in heads)})


def _remembered(settings: Settings, running: Registry) -> dict[int, Checkpoint]:
    """Read the published heads outside the database; raises HeadFileRefused for an invalid one."""
    heads = LogHeads(settings.log_heads, running.log)
    found: dict[int, Checkpoint] = {}
    for year in heads.peek():
        with heads.held(year) as held:
            known = held.read()
        if known is not None:
            found[year] = known
    return found


def _shown(report: TreeReport) -> dict[str, Any]:
    return {"year": report.year, "size": report.size, "faults": dict(sorted(report.faults.items()))}
