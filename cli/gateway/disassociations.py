"""`clearline gateway rebut`: keep a subject apart from a household that is not theirs."""

import hashlib
from pathlib import Path
from uuid import UUID

import click

from cli.options import FILE, config_option, json_option, read_object
from cli.output import tell
from client.resources import disassociations
from gateway import settings
from gateway.local.requests import read_separation
from gateway.wiring import build
from protocol.encodings import b64url_encode


@click.command()
@click.option("--evidence", type=FILE, required=True, help="What the subject showed; only its SHA-256 leaves.")
@click.option("--idempotency-key", help="Names this rebuttal, so that a repetition files nothing twice.")
@config_option("gateway.toml")
@json_option
def rebut(evidence: Path, config: Path, idempotency_key: str | None, *, as_json: bool) -> None:
    """Keep a subject apart from a household (JSON on standard input); it is served at the next inquiry.

    The household's arrears no longer weigh on the subject, nor the subject's on the household. Keep the evidence.

    \b
    Example:
      clearline gateway rebut --evidence lease.pdf < person.json
    \b
    person.json (ground is NEVER_LIVED_THERE, MOVED_AWAY or SEPARATE_HOUSEHOLD; name the household that is wrong):
      {"document": {"kind": "RESIDENT_ID", "number": "..."}, "ground": "MOVED_AWAY",
       "household_register": "...", "address": "..."}
    """
    with evidence.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    body = read_object("a person") | {"evidence_digest": b64url_encode(digest)}
    separation, key = read_separation(body, idempotency_key)
    with build(settings.load(config)) as here:
        tell(here.rebut(separation, idempotency_key=key), as_json=as_json)


@click.command("withdraw-rebuttal")
@click.argument("rebuttal_id", type=click.UUID)
@config_option("gateway.toml")
@json_option
def withdraw_rebuttal(rebuttal_id: UUID, config: Path, *, as_json: bool) -> None:
    """Take back a rebuttal that this carrier filed: the household weighs again. Safe to repeat.

    \b
    Example:
      clearline gateway withdraw-rebuttal 0198c2c4-0000-7000-8000-000000000000
    """
    with build(settings.load(config)) as here:
        tell(disassociations.withdraw(here.registry, rebuttal_id), as_json=as_json)
