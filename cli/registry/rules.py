"""`clearline registry rules` and `clearline gateway terms`: the figures of all, and a creditor's own late fee."""

import datetime as dt
from pathlib import Path
from typing import Final

import click

from cli.options import FILE, DayParam, config_option, json_option, read_message
from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import rules as resource
from gateway import settings
from gateway.wiring import build
from protocol.messages.rules import NewCreditorTerms, Rules, RulesApproval

_DAY: Final = DayParam()


@click.group("rules", short_help="Propose, approve and show the rules.")
def rules() -> None:
    """The rules: the operator proposes a version, another party approves it, and it is in force from its date on."""


@rules.command(short_help="Propose a whole version of the rules.")
@click.argument("file", type=FILE)
@office_options
def propose(file: Path, office: Office, *, as_json: bool) -> None:
    """Propose a whole version (JSON in a file); nothing changes before another party approves. Safe to repeat.

    \b
    Example (start from the version in force, which `rules show --json` prints under "rules"):
      clearline registry rules propose 2027-01.json \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    proposal = read_message(Rules, "a version of the rules", file)
    with office.open() as registry:
        tell(resource.propose(registry, proposal), as_json=as_json)


@rules.command(short_help="Approve a proposed version.")
@click.argument("version")
@click.option("--sha256", required=True, help="Of the version that you mean to approve: `rules show VERSION` tells it.")
@office_options
def approve(version: str, sha256: str, office: Office, *, as_json: bool) -> None:
    """Approve what another party proposed; every carrier is told at once. Safe to repeat.

    \b
    Example:
      clearline registry rules approve 2027-01 --sha256 5e8f... \\
        --url https://registry.example --registry-key registry.pub --key regulator.pem --key-id regulator-1
    """
    with office.open() as registry:
        tell(resource.approve(registry, version, RulesApproval(sha256=sha256)), as_json=as_json)


@rules.command(short_help="Show a version of the rules.")
@click.argument("version", required=False)
@click.option("--at", type=_DAY, help="The version of a Beijing date; today's when neither is given.")
@office_options
def show(version: str | None, at: dt.date | None, office: Office, *, as_json: bool) -> None:
    """Show a version by its name, or the one of a day.

    \b
    Example:
      clearline registry rules show --at 2027-01-01 \\
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1
    """
    if version is not None and at is not None:
        raise click.UsageError("a version or a date, not both")
    with office.open() as registry:
        if version is not None:
            tell(resource.read_version(registry, version), as_json=as_json)
        else:
            tell(resource.read_published(registry, at), as_json=as_json)


@click.group("terms", short_help="Set and show this carrier's own late fee.")
def terms() -> None:
    """This carrier's own late fee: less than the rules allow, on what it lists from a day on."""


@terms.command("set", short_help="Set the late fee of records listed later.")
@click.option("--daily-ppm", type=click.IntRange(0), required=True, help="Parts per million of the principal a day.")
@click.option("--cap-ppm", type=click.IntRange(0), required=True, help="In all; 1000000 is the principal once more.")
@click.option("--from", "effective_from", type=_DAY, required=True, help="The first Beijing date; never a past one.")
@config_option("gateway.toml")
@json_option
def set_(daily_ppm: int, cap_ppm: int, effective_from: dt.date, config: Path, *, as_json: bool) -> None:
    """Charge this on records that are listed from a day on; those that are listed already keep their fee.

    \b
    Example:
      clearline gateway terms set --daily-ppm 1000 --cap-ppm 500000 --from 2027-01-01
    """
    with build(settings.load(config)) as here:
        wanted = NewCreditorTerms(daily_ppm=daily_ppm, cap_ppm=cap_ppm, effective_from=effective_from)
        tell(resource.set_creditor_terms(here.registry, wanted), as_json=as_json)


@terms.command("show", short_help="Show this carrier's own late-fee terms.")
@click.option("--at", type=_DAY, help="The terms of a Beijing date; today's without it.")
@config_option("gateway.toml")
@json_option
def show_terms(at: dt.date | None, config: Path, *, as_json: bool) -> None:
    """Show this carrier's own terms of a day, and all that it ever set.

    \b
    Example:
      clearline gateway terms show --at 2027-01-01
    """
    with build(settings.load(config)) as here:
        tell(resource.read_creditor_terms(here.registry, at), as_json=as_json)
