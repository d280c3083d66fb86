"""`clearline registry rules`: propose, approve and show versions of the rules."""

import datetime as dt
from pathlib import Path
from typing import Final

import click

from cli.options import FILE, DayParam, read_message
from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import rules as resource
from protocol.messages.rules import Rules, RulesApproval

_DAY: Final = DayParam()


@click.group("rules")
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
    """Approve a version that another party proposed; every carrier is told at once. Safe to repeat.

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
