"""`clearline registry tallies`: compare the custodians' counts of a day with the registry's."""

import datetime as dt
from typing import Any

import click

from cli.options import DayParam
from cli.output import one_line, tell
from cli.readings import reading_options
from cli.registry_calls import Office, office_options
from client.resources.tallies import read_day
from protocol.messages.tallies import Tallies


@click.command("tallies")
@click.argument("day", type=DayParam())
@office_options
@reading_options
def tallies(day: dt.date, *, office: Office, as_json: bool) -> None:
    """Read all custodians' tallies of a UTC DAY that is over, as an auditor or a regulator; the reading is logged.

    One line for each carrier: the elements that all custodians together evaluated for it, its inquiries and its
    reported rows. With --json the tallies themselves and their signed statements.

    \b
    Example:
      clearline registry tallies 2026-11-20 \\
        --url https://registry.example --registry-key registry.pub --key auditor.pem --key-id auditor-1
    """
    with office.open() as registry:
        seen = read_day(registry, day)
    if as_json:
        tell(seen, as_json=True)
        return
    custodians = {tally.custodian: tally.total for tally in seen.tallies}
    tell({"day": day.isoformat(), "tallies": custodians}, as_json=False)
    for line in by_carrier(seen):
        click.echo(one_line(line, as_json=False))


def by_carrier(seen: Tallies) -> list[dict[str, Any]]:
    """One line for each carrier that is counted on either side."""
    lines: dict[str, dict[str, Any]] = {}
    for tally in seen.tallies:
        for evaluated in tally.carriers:
            _line(lines, evaluated.carrier)["elements"] += evaluated.elements
    for counted in seen.counted:
        _line(lines, counted.carrier).update(inquiries=counted.inquiries, reports=counted.reports)
    return [lines[name] for name in sorted(lines)]


def _line(lines: dict[str, dict[str, Any]], carrier: str) -> dict[str, Any]:
    return lines.setdefault(carrier, {"carrier": carrier, "elements": 0, "inquiries": 0, "reports": 0})
