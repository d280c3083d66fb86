"""`clearline registry rules`: draft, propose, approve and show versions of the rules."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from cli.options import FILE, DayParam, read_message
from cli.outcome import Failure
from cli.output import tell
from cli.registry_calls import Office, office_options
from client.resources import rules as resource
from protocol.messages.grades import GradeTerms
from protocol.messages.rules import Rules, RulesApproval
from protocol.wire.codec import read, write
from registry.policy.first_scorecard import FIRST_GRADE

_DAY: Final = DayParam()


@click.group("rules")
def rules() -> None:
    """The rules: the operator proposes a version, another party approves it, and it is in force from its date on."""


@rules.command(short_help="Print a version of the rules to propose.")
@click.option("--version", required=True, help="The new version's name.")
@click.option("--from", "effective_from", type=_DAY, required=True, help="The Beijing date of its first day.")
@click.option("--with-grade", is_flag=True, help="Add the first scorecard: from that day on people are graded.")
@office_options
def draft(version: str, effective_from: dt.date, office: Office, *, with_grade: bool, as_json: bool) -> None:
    """Print the rules of that day as JSON, under a new name and date, to be edited and proposed; nothing changes.

    \b
    Example:
      clearline registry rules draft --version 2027-01 --from 2027-01-15 --with-grade \
        --url https://registry.example --registry-key registry.pub --key operator.pem --key-id operator-1 > 2027-01.json
    """
    with office.open() as registry:
        of_that_day = resource.read_published(registry, effective_from).rules
    drafted = drafted_from(of_that_day, version=version, effective_from=effective_from, scorecard=with_grade)
    click.echo(json.dumps(write(drafted), ensure_ascii=False, indent=None if as_json else 2))


def drafted_from(rules: Rules, *, version: str, effective_from: dt.date, scorecard: bool) -> Rules:
    """Return a version under another name and date; ``scorecard`` adds the first scorecard.

    Raises Failure where the rules have a scorecard already: nobody means to replace it by the first one.
    """
    if scorecard and rules.grade is not None:
        raise Failure(f"version {rules.version} of the rules has a scorecard: draft without --with-grade, and edit it")
    terms = read(GradeTerms, FIRST_GRADE) if scorecard else rules.grade
    return replace(rules, version=version, effective_from=effective_from, grade=terms)


@rules.command(short_help="Propose a whole version of the rules.")
@click.argument("file", type=FILE)
@office_options
def propose(file: Path, office: Office, *, as_json: bool) -> None:
    """Propose a whole version (JSON in a file); nothing changes before another party approves. Safe to repeat.

    \b
    Example (`rules draft` prints a version to start from):
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
