"""`clearline registry tallies`: what custodians evaluated on a day, beside what was asked and reported."""

import datetime as dt
from typing import Any

import click

from cli.options import DayParam
from cli.output import one_line, tell
from cli.registry_calls import Office, office_options
from client.answers import read


@click.command("tallies", short_help="Read all custodians' tallies of a day.")
@click.argument("day", type=DayParam())
@office_options
def tallies(day: dt.date, *, office: Office, as_json: bool) -> None:
    """Read all custodians' tallies of a UTC DAY that is over, as an auditor or a regulator; the reading is logged.

    One line for each carrier: the elements that all custodians together evaluated for it, its inquiries and its
    reported rows. With --json the tallies themselves and their signed statements.

    \b
    Example:
      clearline registry tallies 2026-11-20 \\
        --url https://registry.example --registry-key registry.pub --key auditor.pem --key-id auditor-1
    """
    document = office.ask(f"/v1/evaluation-tallies?day={day.isoformat()}", day=str, tallies=list, counted=list)
    if as_json:
        tell(document, as_json=True)
        return
    custodians = read(lambda found: {each["custodian"]: each["total"] for each in found["tallies"]}, document)
    lines = read(by_carrier, document)
    tell({"day": document["day"], "tallies": custodians}, as_json=False)
    for line in lines:
        click.echo(one_line(line, as_json=False))


def by_carrier(document: dict[str, Any]) -> list[dict[str, Any]]:
    """One line for everybody who is counted on either side."""
    lines: dict[str, dict[str, Any]] = {}
    for tally in document["tallies"]:
        for each in tally["carriers"]:
            _line(lines, each["carrier"])["elements"] += each["elements"]
    for each in document["counted"]:
        _line(lines, each["carrier"]).update(inquiries=each["inquiries"], reports=each["reports"])
    return [lines[name] for name in sorted(lines)]


def _line(lines: dict[str, dict[str, Any]], carrier: str) -> dict[str, Any]:
    return lines.setdefault(carrier, {"carrier": carrier, "elements": 0, "inquiries": 0, "reports": 0})
