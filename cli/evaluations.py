"""`clearline registry tallies`: what custodians evaluated on a day, beside what was asked and reported."""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from cli.options import DayParam, signed_options
from cli.output import one_line, tell
from cli.registry_calls import ask_registry, file_signer


@click.command("tallies")
@click.argument("day", type=DayParam())
@signed_options
def tallies(day: dt.date, *, url: str, key: Path, key_id: str, as_json: bool) -> None:
    """Read all custodians' tallies of a UTC DAY that is over, as an auditor or a regulator; the reading is logged.

    One line for each carrier: the elements that all custodians together evaluated for it, its inquiries and its
    reported rows. With --json the tallies themselves and their signed statements.

    \b
    Example:
      clearline registry tallies 2026-11-20 \\
        --url https://registry.example --key auditor.pem --key-id auditor-1
    """
    path = f"/v1/evaluation-tallies?day={day.isoformat()}"
    document = ask_registry(url.rstrip("/"), file_signer(key, key_id), "GET", path)
    if as_json:
        tell(document, as_json=True)
        return
    custodians = {each["custodian"]: each["total"] for each in document["tallies"]}
    tell({"day": document["day"], "tallies": custodians}, as_json=False)
    for line in by_carrier(document):
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
