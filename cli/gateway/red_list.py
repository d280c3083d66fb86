"""`clearline gateway red-list`: propose organisations that are served despite arrears."""

from pathlib import Path

import click

from cli.options import config_option, json_option, read_object
from cli.output import tell
from gateway import settings
from gateway.local.requests import read_candidate
from gateway.wiring import build


@click.group("red-list")
def red_list() -> None:
    """Propose organisations that are served despite arrears."""


@red_list.command(short_help="Propose an organisation for the red list.")
@click.option("--idempotency-key", help="Names this proposal, so that a repetition proposes nothing twice.")
@config_option("gateway.toml")
@json_option
def propose(config: Path, idempotency_key: str | None, *, as_json: bool) -> None:
    """Propose an organisation (JSON on standard input); it counts once two others, operator or regulator, approve.

    \b
    Example:
      clearline gateway red-list propose < hospital.json
    \b
    hospital.json (ground is EMERGENCY_SERVICE, HOSPITAL, SCHOOL, GOVERNMENT, UTILITY or COURT_ORDER;
    expires_on is the first day on which the entry no longer holds, at most a year ahead):
      {"document": {"kind": "ENTERPRISE", "number": "..."}, "ground": "HOSPITAL", "expires_on": "2027-11-01"}
    """
    candidate, key = read_candidate(read_object("an organisation"), idempotency_key)
    with build(settings.load(config)) as here:
        tell(here.propose_red_list(candidate, idempotency_key=key), as_json=as_json)
