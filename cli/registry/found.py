"""`clearline registry init` and `migrate`: make the secrets, bring the database to its schema, found the registry."""

import os
from pathlib import Path
from typing import Any

import click

from cli.custody import open_provider
from cli.options import FILE, config_option, json_option
from cli.output import say, tell
from cli.registry.founding import Founding, read_founding
from crypto.envelope.provider import UNSEALED, KeyProvider
from crypto.signing.keys import generate_signing_key, load_private_key, public_bytes, save_private_key
from protocol.encodings import b64url_encode
from protocol.problems import Problem, Refusal
from registry import keyfile
from registry.settings import Settings, load
from registry.store.migrate import upgrade
from registry.store.revision import current
from registry.usecases.found import FirstEpoch, found
from registry.wiring import build_registry
from registry.work.signer import LOG_KEY


@click.command()
@config_option("registry.toml")
@click.option("--founding", type=FILE, required=True, help="Operator and first key epoch (TOML, see below).")
@json_option
def init(config: Path, founding: Path, *, as_json: bool) -> None:
    """Make the registry's secret files where they are missing, bring the database to the newest schema, and found it.

    Safe to repeat: what exists is kept. With `[custody]` in the settings the files are sealed from the start.

    \b
    Example:
      clearline registry init --config registry.toml --founding founding.toml
    \b
    founding.toml:
      [operator]
      id = "operator"
      name = "The neutral operator"
      key_id = "operator-1"
      public_key = "<from: clearline keys new --out operator.pem>"
      [epoch]
      epoch = 1
      transcript = "transcript.json"

    Nobody is a participant yet: compare the keys of the ceremony's parties, which are printed, with those that each
    custodian tells you by another way (`clearline audit ceremony` prints them beforehand). Instead of the transcript a
    demonstration has joint_public_key, threshold and custodians, as its dealer prints them.
    """
    settings, first = load(config), read_founding(founding)
    is_new = not all(each.exists() for each in (settings.keys, settings.signing_key, settings.log_key))
    provider = open_provider(settings.custody, is_new=is_new)
    make_secrets(settings, epoch=first.epoch.epoch, provider=provider)
    revision = upgrade(settings.database_url)
    fresh = found_once(settings, first, provider)
    if first.epoch.formed is None:
        say("clearline: founded on a dealer's shares, whose key the dealer knew: for demonstrations and tests alone")
    public_key = keyfile.load_public_half(settings.signing_key)
    tell(
        {
            "schema": revision,
            "founded": "now" if fresh else "before",
            "signing_key_id": settings.signing_key_id,
            "public_key": b64url_encode(public_key),
            "log_name": settings.log_name,
            "log_public_key": b64url_encode(keyfile.load_public_half(settings.log_key)),
        }
        | _parties(first.epoch),
        as_json=as_json,
    )


def _parties(first: FirstEpoch) -> dict[str, Any]:
    """Write the parties of the first ceremony with their keys, for a person to compare; a dealer's shares have none."""
    if first.formed is None:
        return {}
    return {
        "transcript_digest": first.formed.transcript_digest,
        "parties": [
            {"custodian": each.custodian, "key_id": each.key_id, "public_key": b64url_encode(each.public_key)}
            for each in first.formed.committee.members
        ],
    }


@click.command()
@config_option("registry.toml")
@json_option
def migrate(config: Path, *, as_json: bool) -> None:
    """Bring the database to the newest schema. Safe to repeat and to run twice at once.

    \b
    Example:
      clearline registry migrate --config registry.toml
    """
    settings = load(config)
    before = current(settings.database_url)
    tell({"before": before, "now": upgrade(settings.database_url)}, as_json=as_json)


def make_secrets(settings: Settings, *, epoch: int, provider: KeyProvider = UNSEALED) -> None:
    """Make the secret file and the two signing keys where they are missing, and the public halves of the keys."""
    if not settings.keys.exists():
        keyfile.save(keyfile.generate(os.urandom, epoch=epoch), settings.keys, provider=provider)
    for path, purpose in ((settings.signing_key, keyfile.SIGNING_KEY), (settings.log_key, LOG_KEY)):
        if not path.exists():
            save_private_key(generate_signing_key(os.urandom), path, provider=provider, purpose=purpose)
        key = load_private_key(path, provider=provider, purpose=purpose)
        keyfile.save_public_half(public_bytes(key), path)


def found_once(settings: Settings, founding: Founding, provider: KeyProvider = UNSEALED) -> bool:
    """Found the registry; returns False where it is founded already."""
    running = build_registry(settings, provider)
    try:
        found(
            running,
            founding.operator,
            founding.epoch,
        )
    except Refusal as refusal:
        if refusal.problem is not Problem.ALREADY_EXISTS:
            raise
        return False
    finally:
        running.store.close()
    return True
